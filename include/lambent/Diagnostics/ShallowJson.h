//===- ShallowJson.h - JSON of files that a user gives ----------*- C++ -*-===//

#ifndef LAMBENT_DIAGNOSTICS_SHALLOWJSON_H
#define LAMBENT_DIAGNOSTICS_SHALLOWJSON_H

#include "llvm/Support/JSON.h"

namespace lambent {

/// Fails for what is nested more than a few levels deep, too: LLVM's parser
/// calls itself for each level, and has no limit of its own.
inline llvm::Expected<llvm::json::Value> parseShallowJson(llvm::StringRef text) {
  constexpr int mostLevels = 16;
  int level = 0;
  bool isText = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (isText && c == '\\')
      ++i;
    else if (c == '"')
      isText = !isText;
    else if (!isText)
      level += (c == '[' || c == '{') - (c == ']' || c == '}');
    if (level > mostLevels)
      return llvm::createStringError("JSON that is nested too deep");
  }
  return llvm::json::parse(text);
}

} // namespace lambent

#endif
