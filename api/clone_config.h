// What turns the config of one machine into one that another may be made from. Included by .cc files of api/
// only.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace placer {

// A metadata key of ours ("autoplacer_...").
bool IsMark(absl::string_view key);

// Replaces all our marks, whoever wrote them, by these; other metadata stays.
void SetMarks(boost::json::object& config, const std::map<std::string, std::string>& marks);

// Takes out what belongs to one machine alone (standbys, auto_destroy), pins the image ("": leaves it),
// writes autostop as the platform wants it sent, and gives a config without checks of its own those of its
// services, named "autoplacer-1", "autoplacer-2", ... A null counts as absent and goes.
void MakeCopyable(boost::json::object& config, const std::string& image_ref);

}  // namespace placer
