/** Extensions of source code and of configuration: read as text, in blocks that blank lines separate. */
export const codeExtensions: ReadonlySet<string> = new Set(
  (
    '.ts .tsx .mts .cts .js .jsx .mjs .cjs .vue .svelte .py .pyi .ipy .rb .php .pl .pm .lua .r .jl .go .rs .c .h ' +
    '.cc .cpp .cxx .hh .hpp .hxx .m .mm .cs .fs .vb .java .kt .kts .scala .groovy .gradle .swift .dart .clj ' +
    '.cljs .ex .exs .erl .hrl .hs .ml .mli .elm .nim .zig .sol .sh .bash .zsh .fish .ps1 .bat .cmd .sql .graphql ' +
    '.proto .thrift .css .scss .sass .less .yaml .yml .toml .ini .cfg .conf .properties .xml .xsd .xsl .tf .hcl ' +
    '.tex .bib .f .f90 .for .pas .asm .s .v .sv .vhd .vhdl .cmake .mk .dockerfile .awk .tcl .lisp .el .scm .rkt'
  ).split(' '),
);
