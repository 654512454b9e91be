// ImageName: the parts of an image's name, as the platform shows them in image_ref.
#pragma once

#include <cstdint>
#include <string>

namespace placer::flysim {

struct ImageName {
  std::string registry;
  std::string repository;
  std::string tag;     // "" where the name has none
  std::string digest;  // of the name, else made up, the same for equal names and seeds
};

ImageName ResolveImage(const std::string& name, std::uint64_t seed);
// "registry/repository@digest": runs exactly this image.
std::string MakePinnedName(const ImageName& image);

}  // namespace placer::flysim
