;; In how many bits rows differ from a query. `npx node scripts/wasm.ts` compiles this into hamming-code.ts: the same in
;; JavaScript, which has no instruction for it, takes five times as long.
(module
  (import "index" "memory" (memory 1))
  ;; Writes for each of $rows rows of $bytes bytes (whole words of 4) that begin at $row the number of bits in
  ;; which it differs from the $bytes bytes at $query, as 16-bit numbers that begin at $to.
  (func (export "distances")
    (param $query i32) (param $row i32) (param $rows i32) (param $bytes i32) (param $to i32)
    (local $end i32) (local $byte i32) (local $whole i32) (local $sum i64)
    ;; The bytes that are whole words of 8.
    (local.set $whole (i32.and (local.get $bytes) (i32.const -8)))
    (local.set $end (i32.add (local.get $row) (i32.mul (local.get $rows) (local.get $bytes))))
    (block $done
      (loop $next_row
        (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
        (local.set $sum (i64.const 0))
        (local.set $byte (i32.const 0))
        (block $counted
          (loop $next_word
            (br_if $counted (i32.ge_u (local.get $byte) (local.get $whole)))
            (local.set $sum (i64.add (local.get $sum) (i64.popcnt (i64.xor
              (i64.load (i32.add (local.get $row) (local.get $byte)))
              (i64.load (i32.add (local.get $query) (local.get $byte)))))))
            (local.set $byte (i32.add (local.get $byte) (i32.const 8)))
            (br $next_word)))
        (if (i32.lt_u (local.get $whole) (local.get $bytes)) (then
          (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (i32.popcnt (i32.xor
            (i32.load (i32.add (local.get $row) (local.get $whole)))
            (i32.load (i32.add (local.get $query) (local.get $whole))))))))))
        (i32.store16 (local.get $to) (i32.wrap_i64 (local.get $sum)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (local.set $row (i32.add (local.get $row) (local.get $bytes)))
        (br $next_row)))))
