#include "cmd/flysim/core/image_name.h"

#include "absl/strings/str_cat.h"
#include "cmd/flysim/core/random_stream.h"

namespace placer::flysim {

ImageName ResolveImage(const std::string& name, std::uint64_t seed) {
  ImageName image;
  std::string rest = name;
  if (const std::size_t at = rest.find('@'); at != std::string::npos) {
    image.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  const std::size_t slash = rest.find('/');
  // "localhost/x" and "user/x" differ by the dot or port that only a host has.
  const bool has_registry =
      slash != std::string::npos && rest.substr(0, slash).find_first_of(".:") != std::string::npos;
  image.registry = has_registry ? rest.substr(0, slash) : "registry-1.docker.io";
  if (has_registry) rest = rest.substr(slash + 1);
  if (const std::size_t colon = rest.rfind(':'); colon != std::string::npos) {
    image.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  image.repository = has_registry || slash != std::string::npos ? rest : absl::StrCat("library/", rest);
  if (!image.digest.empty()) return image;
  RandomStream random(seed, absl::StrCat("image/", name));
  image.digest = "sha256:";
  for (int i = 0; i < 64; ++i) image.digest += "0123456789abcdef"[random.Below(16)];
  return image;
}

std::string MakePinnedName(const ImageName& image) {
  return absl::StrCat(image.registry, "/", image.repository, "@", image.digest);
}

}  // namespace placer::flysim
