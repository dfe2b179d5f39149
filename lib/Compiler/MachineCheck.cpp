//===- MachineCheck.cpp - May code for a target run here? -----------------===//

#include "MachineCheck.h"
#include "lambent/Compiler/Compiler.h"
#include "lambent/Runtime/CpuFeatures.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace lambent;

llvm::Error lambent::requireThisMachine(const TargetFacts &target,
                                        llvm::StringRef cpu) {
  auto refuse = [&](const std::string &reason) {
    UnsupportedNode node;
    node.reason = "code for CPU '" + cpu.str() + "' cannot run here: " + reason +
                  "; compile it to a file for another machine, or for 'native'";
    return llvm::make_error<CompileError>(std::vector<std::string>(),
                                          std::vector<UnsupportedNode>{node});
  };
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (llvm::Triple(target.triple).getArch() != host.getArch())
    return refuse("this machine is of another architecture");
  char *missing;
  if (LambentStatus *status = runtime::listMissingCpuFeatures(
          target.required.c_str(), &missing)) {
    std::string message = lambent_status_message(status);
    lambent_status_destroy(status);
    return llvm::createStringError(message);
  }
  if (!missing)
    return llvm::Error::success();
  std::string names = missing;
  bool isRefused = runtime::isRefusedOnly(missing, runtime::askForTiles());
  free(missing);
  return refuse(isRefused ? "this system does not permit the use of AMX"
                          : "this machine lacks " + names);
}
