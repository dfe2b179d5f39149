//===- ArtefactMagic.h - The bytes that end an artefact ---------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_ARTEFACTMAGIC_H
#define LAMBENT_RUNTIME_ARTEFACTMAGIC_H

namespace lambent::runtime {

inline constexpr char artefactMagic[8] = {'L', 'A', 'M', 'B', 'E', 'N', 'T', 1};

} // namespace lambent::runtime

#endif
