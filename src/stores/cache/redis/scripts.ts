/**
 * Every change of a tag gives it a new random generation. A value is kept with the generations under which its computation
 * began, and is good while they are the same: so it does not matter which of them the server has evicted or forgotten.
 * Before them stands the server's run id, since a server that crashed may have lost the last change.
 */
const generations = `
local function generations(first, run, new, ms)
  local all = { run }
  for i = first, #KEYS do
    local one = redis.call('GET', KEYS[i])
    if not one and new then
      one = new
      redis.call('SET', KEYS[i], one, 'PX', ms)
    end
    all[#all + 1] = one or ''
  end
  return table.concat(all, ' ')
end
`;

/**
 * Finds a value, or takes the right to compute it.
 *
 * Keys: the value, its lock, its tags. Arguments: the server's run, a new generation, how long tags are kept (ms), the
 * token of whoever asks, how long the right lasts (ms).
 * @returns `found`, its age in ms, the value; or `yours` or `wait`, the generations, the time in ms
 */
export const lookScript = `${generations}
local now = generations(3, ARGV[1], ARGV[2], ARGV[3])
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'generations', 'begun', 'value')
if kept[1] == now then return { 'found', string.format('%.0f', ms - kept[2]), kept[3] } end
local taken = redis.call('SET', KEYS[2], ARGV[4], 'NX', 'PX', ARGV[5])
return { taken and 'yours' or 'wait', now, string.format('%.0f', ms) }
`;

/**
 * Keeps a value unless a tag has changed since its computation began, or a newer one is there; gives the right back.
 *
 * Keys as above. Arguments: the server's run, the token, the generations and the time of \`lookScript\`, how long the
 * value is kept (ms), the value.
 */
export const keepScript = `${generations}
if redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
if generations(3, ARGV[1]) ~= ARGV[3] then return 0 end
local kept = redis.call('HMGET', KEYS[1], 'generations', 'begun')
if kept[1] == ARGV[3] and tonumber(kept[2]) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], 'generations', ARGV[3], 'begun', ARGV[4], 'value', ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
for i = 3, #KEYS do
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[5]) then redis.call('PEXPIRE', KEYS[i], 2 * ARGV[5]) end
end
return 1
`;

/** Gives tags a new generation. Keys: the tags. Arguments: the generation, how long it is kept (ms). */
export const changeScript = `
for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2]) end
return #KEYS
`;

/** Gives the right back. Keys: the lock. Arguments: the token. */
export const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;
