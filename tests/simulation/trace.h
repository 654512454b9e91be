// Trace: what a run decided, per data point and region, as its passes were stored. Two runs are compared by
// what each says of the data points that both saw.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "controller/effects/store.h"

namespace placer {

struct Trace {
  struct Entry {
    Verdict verdict = Verdict::kKeep;
    bool placed = false;  // last target
    Evidence evidence = Evidence::kMissing;
    // Stale is the age of a point at the time of a pass, and the one grade that changes within a data point.
    bool operator==(const Entry& other) const {
      const bool aged = evidence == Evidence::kStale || other.evidence == Evidence::kStale;
      return verdict == other.verdict && placed == other.placed && (aged || evidence == other.evidence);
    }
  };
  using Key = std::pair<absl::Time, std::string>;  // end of the data point, region

  std::map<absl::Time, std::map<std::string, Entry>> points;
  std::set<Key> acted;                      // by the data point of the pass that acted
  std::vector<std::string> contradictions;  // passes of one run that disagree about a data point
  int passes = 0;
  int changes = 0;  // of last targets
  int deploys = 0;
  int removals = 0;

  void Take(const PassRecord& record) {
    ++passes;
    const absl::Time end = record.decision.data_point;
    std::map<std::string, Entry> entries;
    for (const RegionDecision& region : record.decision.regions) {
      entries[region.region] = {region.verdict, region.placed, region.evidence};
      if (region.action == Action::kNone) continue;
      acted.emplace(end, region.region);
      ++(region.action == Action::kDeploy ? deploys : removals);
    }
    const auto [known, is_new] = points.try_emplace(end, entries);
    if (is_new) {
      CountChanges(known);
      return;
    }
    for (const auto& [region, entry] : entries) {
      const auto before = known->second.find(region);
      if (before == known->second.end() || before->second == entry) continue;
      if (!acted.contains({end, region}))
        contradictions.push_back(Describe(end, region, before->second, entry));
      before->second = entry;
    }
  }

  static std::string Describe(absl::Time end, const std::string& region, const Entry& a, const Entry& b) {
    const auto words = [](const Entry& entry) {
      return absl::StrCat(ToString(entry.verdict), entry.placed ? " placed " : " not placed ",
                          ToString(entry.evidence));
    };
    return absl::StrCat(absl::FormatTime("%H:%M:%S", end, absl::UTCTimeZone()), " ", region, ": ", words(a),
                        " / ", words(b));
  }

 private:
  void CountChanges(std::map<absl::Time, std::map<std::string, Entry>>::iterator now) {
    if (now == points.begin()) return;
    const std::map<std::string, Entry>& before = std::prev(now)->second;
    for (const auto& [region, entry] : now->second) {
      const auto earlier = before.find(region);
      if (earlier != before.end() && earlier->second.placed != entry.placed) ++changes;
    }
  }
};

struct Comparison {
  int compared = 0;                      // entries that both runs have
  int around_actions = 0;                // of those, differing ones where an action falls within the point
  std::vector<std::string> differences;  // all others that differ, in the order of time
};

// A region that only one run mentions has no traffic, machine or stored target in the other.
inline Comparison Compare(const Trace& a, const Trace& b) {
  Comparison result;
  for (const auto& [end, entries] : a.points) {
    const auto other = b.points.find(end);
    if (other == b.points.end()) continue;
    for (const auto& [region, entry] : entries) {
      const auto match = other->second.find(region);
      if (match == other->second.end()) continue;
      ++result.compared;
      if (match->second == entry) continue;
      if (a.acted.contains({end, region}) || b.acted.contains({end, region})) {
        ++result.around_actions;
      } else {
        result.differences.push_back(Trace::Describe(end, region, entry, match->second));
      }
    }
  }
  return result;
}

}  // namespace placer
