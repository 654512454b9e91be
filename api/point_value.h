// PointValue: what a series says of one data point, or that it says nothing, in the eight bytes of a double:
// traffic is the largest thing that a fleet's controller holds, and an optional<double> takes twice as much.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace placer {

class PointValue {
 public:
  constexpr PointValue() = default;
  // Implicit, as those of the optional<double> that it stands for. NaN and infinities are values.
  constexpr PointValue(double value)  // NOLINT(google-explicit-constructor): as an optional
      : value_(value) {}
  constexpr PointValue(std::nullopt_t) {}            // NOLINT(google-explicit-constructor): as an optional
  constexpr PointValue(std::optional<double> value)  // NOLINT(google-explicit-constructor): as an optional
      : value_(value.value_or(kAbsent)) {}

  constexpr bool has_value() const {
    return std::bit_cast<std::uint64_t>(value_) != std::bit_cast<std::uint64_t>(kAbsent);
  }
  constexpr explicit operator bool() const { return has_value(); }
  constexpr const double& operator*() const { return value_; }  // only where there is one
  constexpr double& operator*() { return value_; }
  constexpr double value_or(double fallback) const { return has_value() ? value_ : fallback; }

  constexpr void reset() { value_ = kAbsent; }

  // As of two optional<double>: a NaN equals nothing, none equals none.
  friend constexpr bool operator==(PointValue a, PointValue b) {
    return a.has_value() == b.has_value() && (!a.has_value() || *a == *b);
  }

 private:
  // A NaN that no server can have said: those that are read from text have no payload.
  static constexpr double kAbsent = std::bit_cast<double>(std::uint64_t{0x7ff8'0000'0000'0001});

  double value_ = kAbsent;
};

using PointValues = std::vector<PointValue>;

}  // namespace placer
