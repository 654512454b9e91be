// Labels as Prometheus accepts them, and counters that exist at zero and go away with their policy.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/labels.h>

#include <map>
#include <string>
#include <utility>

namespace placer {

// Valid UTF-8, shortened to 128 bytes of the text: one bad label value makes Prometheus refuse the whole
// page.
std::string MakeLabelValue(const std::string& text);

// The series of one family by their labels; a family itself cannot list or drop them by label.
template <typename Metric>
class SeriesSet {
 public:
  explicit SeriesSet(prometheus::Family<Metric>& family) : family_(family) {}

  // The series of these labels, made at zero where it is missing.
  template <typename... Arguments>
  Metric& Get(prometheus::Labels labels, const Arguments&... arguments) {
    for (auto& [name, value] : labels) value = MakeLabelValue(value);
    const auto found = series_.find(labels);
    if (found != series_.end()) return *found->second;
    Metric& made = family_.Add(labels, arguments...);
    series_.emplace(std::move(labels), &made);
    return made;
  }

  void RemoveWhere(const std::string& label, const std::string& value) {
    const std::string wanted = MakeLabelValue(value);
    for (auto entry = series_.begin(); entry != series_.end();) {
      const auto found = entry->first.find(label);
      if (found != entry->first.end() && found->second == wanted) {
        family_.Remove(entry->second);
        entry = series_.erase(entry);
      } else {
        ++entry;
      }
    }
  }

 private:
  prometheus::Family<Metric>& family_;
  std::map<prometheus::Labels, Metric*> series_;
};

}  // namespace placer
