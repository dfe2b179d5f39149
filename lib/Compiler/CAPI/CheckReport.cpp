//===- CheckReport.cpp - What a check found, for the C API ----------------===//

#include "CheckReport.h"
#include "Convert.h"
#include "llvm/Support/JSON.h"
#include <map>
#include <tuple>

using namespace lambent;
using namespace lambent::capi;
namespace json = llvm::json;

namespace {
/// A report with what its pointers point at. The view comes first, so that the
/// C handle is this object's address.
struct OwnedReport {
  LambentCheckReport report = {};
  CheckReport owned;
  std::vector<LambentUnsupportedNode> nodes;
  std::vector<uint64_t> kinds;
  std::vector<const char *> unchecked;
  std::string json;

  explicit OwnedReport(CheckReport given);

private:
  void findKinds();
  json::Array writeNodes() const;
  json::Array writeKinds() const;
};
} // namespace

void OwnedReport::findKinds() {
  // An op is refused in one way by one place in the compiler.
  std::map<std::tuple<std::string, std::string, int64_t, uint64_t>, uint64_t>
      known;
  for (const UnsupportedNode &node : owned.nodes)
    kinds.push_back(
        known
            .try_emplace({node.domain, node.op, node.opset, node.site},
                         known.size())
            .first->second);
}

/// What all nodes of a kind have in common.
static json::Object describeKind(const UnsupportedNode &node) {
  return json::Object{{"op", json::fixUTF8(node.op)},
                      {"domain", json::fixUTF8(node.domain)},
                      {"opset", node.opset},
                      {"reason", json::fixUTF8(node.reason)}};
}

json::Array OwnedReport::writeNodes() const {
  json::Array array;
  for (const auto &[node, kind] : llvm::zip_equal(owned.nodes, kinds)) {
    json::Object object = describeKind(node);
    object["name"] = json::fixUTF8(node.name);
    object["kind"] = int64_t(kind);
    array.push_back(std::move(object));
  }
  return array;
}

json::Array OwnedReport::writeKinds() const {
  json::Array array;
  for (const auto &[node, kind] : llvm::zip_equal(owned.nodes, kinds)) {
    if (kind != array.size())
      continue;
    json::Object object = describeKind(node);
    object["count"] = int64_t(llvm::count(kinds, kind));
    array.push_back(std::move(object));
  }
  return array;
}

static json::Array writeLines(llvm::ArrayRef<std::string> lines) {
  json::Array array;
  for (const std::string &line : lines)
    array.push_back(json::fixUTF8(line));
  return array;
}

OwnedReport::OwnedReport(CheckReport given) : owned(std::move(given)) {
  for (const UnsupportedNode &node : owned.nodes)
    nodes.push_back({node.name.c_str(), node.op.c_str(), node.domain.c_str(),
                     node.reason.c_str(), node.opset});
  for (std::string &line : owned.unchecked) {
    line = makePrintable(line);
    unchecked.push_back(line.c_str());
  }
  findKinds();
  llvm::raw_string_ostream(json)
      << json::Value(json::Object{{"errors", writeLines(owned.errors)},
                                  {"nodes", writeNodes()},
                                  {"kinds", writeKinds()},
                                  {"unchecked", writeLines(owned.unchecked)}});
  report.nodes = nodes.data();
  report.num_nodes = nodes.size();
  report.unchecked = unchecked.data();
  report.num_unchecked = unchecked.size();
  report.kinds = kinds.data();
  report.num_kinds = kinds.size();
}

const LambentCheckReport *capi::makeReport(CheckReport report) {
  return &(new OwnedReport(std::move(report)))->report;
}

const char *lambent_check_report_json(const LambentCheckReport *report) {
  return report ? reinterpret_cast<const OwnedReport *>(report)->json.c_str()
                : nullptr;
}

void lambent_check_report_destroy(const LambentCheckReport *report) {
  delete reinterpret_cast<const OwnedReport *>(report);
}
