# header-languages.sh INCLUDE FILE CC CXX: compiles every public header with the given compilers, and with gcc and g++.
set -e
include=$1 file=$2 cc=$3 cxx=$4
flags="-I$include -Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only"
for header in adaptive aot compiler element_types model profile prune quantize runtime tensor_file tuning; do
  printf '#include "lambent-c/%s.h"\n#include "lambent-c/%s.h"\nint not_empty;\n' $header $header > "$file"
  for compiler in "$cc" gcc; do
    for standard in c99 c11 c17; do
      $compiler -x c -std=$standard $flags "$file"
    done
  done
done
printf '#include "lambent-c/lambent.hpp"\n#include "lambent-c/aot.h"\nint not_empty;\n' > "$file"
for compiler in "$cxx" g++; do
  for standard in c++17 c++23; do
    $compiler -x c++ -std=$standard $flags "$file"
    $compiler -x c++ -std=$standard -fno-exceptions -fno-rtti $flags "$file"
  done
done
# Each part by itself.
for part in compile profile prune quantize run source values; do
  printf '#include "lambent-c/%s.hpp"\n#include "lambent-c/%s.hpp"\nint not_empty;\n' $part $part > "$file"
  "$cxx" -x c++ -std=c++17 $flags "$file"
done
