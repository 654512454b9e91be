#include "reconcilers/placement/explain.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "reconcilers/placement/text.h"

namespace placer {
namespace {

double CurrentAverage(const Assessment& traffic) {
  const bool short_known = traffic.short_covered && traffic.short_average;
  return short_known ? *traffic.short_average : traffic.long_average.value_or(0);
}

std::string WithAverages(absl::string_view words, const Assessment& traffic) {
  return Text(100)
      .Add(words)
      .Add(" Current avg: ")
      .Add(CurrentAverage(traffic))
      .Add(", Long-term avg: ")
      .Add(traffic.long_average.value_or(0))
      .Take();
}

// What the rules come to where the planner neither acts nor was held.
Reason ComputeRestingReason(const PassState& pass, const RegionState& region) {
  if (!region.may_host()) {
    if (pass.demand.unattributed.contains(region.code)) return Reason::kUnattributed;
    return region.hosting == Hosting::kExcluded ? Reason::kExcluded : Reason::kNotAllowed;
  }
  if (pass.own_group) return Reason::kNotOurMachines;
  if (region.grade.evidence == Evidence::kMissing) return Reason::kEvidenceMissing;
  if (region.grade.evidence == Evidence::kStale) return Reason::kEvidenceStale;
  if (region.traffic.verdict == Verdict::kPlace) {
    return region.observed > 0 ? Reason::kAlreadyDeployed : Reason::kStabilizing;
  }
  if (region.traffic.below && region.observed == 0) return Reason::kNotDeployed;
  if (!region.traffic.short_covered) return Reason::kWindowNotCovered;
  return Reason::kWithinThresholds;
}

// What the rules considered, where the planner did not say.
Action ComputeWanted(const RegionState& region, Reason reason) {
  if (region.wanted != Action::kNone) return region.wanted;
  switch (reason) {
    case Reason::kExcluded:
    case Reason::kNotAllowed:
    case Reason::kUnattributed:
    case Reason::kAlreadyDeployed:
    case Reason::kStabilizing:
      return Action::kDeploy;
    case Reason::kNotDeployed:
      return Action::kRemove;
    default:
      return Action::kNone;
  }
}

std::string MakeCooldownMessage(absl::Duration remaining) {
  const auto seconds = absl::ToInt64Seconds(absl::Ceil(remaining, absl::Seconds(1)));
  return Text(48).Add("Cooldown period (").Add(static_cast<int>(seconds)).Add(" seconds remaining)").Take();
}

std::string MakeActionMessage(const RegionState& region, Reason reason, const ThresholdSpec& spec) {
  const Assessment& traffic = region.traffic;
  Text text(128);
  switch (reason) {
    case Reason::kTrafficAboveThreshold:
      if (traffic.verdict != Verdict::kPlace) return "The region is placed and has no machine";
      text.Add("Traffic is high enough: short average ")
          .Add(CurrentAverage(traffic))
          .Add(" >= ")
          .Add(traffic.up);
      return text.Add(", with ")
          .Add(traffic.points_above)
          .Add(" of ")
          .Add(spec.short_window)
          .Add(" points at or above ")
          .Add(spec.deploy)
          .Take();
    case Reason::kTrafficBelowThreshold:
      text.Add("Traffic is low: short average ").Add(CurrentAverage(traffic)).Add(" and long average ");
      return text.Add(traffic.long_average.value_or(0)).Add(" <= ").Add(traffic.down).Take();
    case Reason::kAlwaysRunningMissing:
      return "The region is in alwaysRunning and has too few machines that can serve";
    case Reason::kBelowPerRegionMin:
      return "The region is placed and has fewer machines than capacity.perRegion.min that can serve";
    case Reason::kReplacesExcluded:
      return "Takes over for a region that the policy no longer allows and that holds the last machines";
    case Reason::kStandsIn:
      return absl::StrCat("The best region for the traffic of ", region.adding_for,
                          ", which cannot be entered now");
    case Reason::kStandInDone:
      return absl::StrCat("Region ", region.history->stands_in_for, ", for which it stood in, serves again");
    case Reason::kSwappedIn:
      return "Takes the place of the region with the least traffic, at most half of this one's, as "
             "capacity.total.max is reached";
    case Reason::kSwappedOut:
      return "Gives its place to a region with at least twice its traffic, as capacity.total.max is reached";
    case Reason::kExcludedRemoved:
      return "The policy excludes the region";
    case Reason::kNotAllowedRemoved:
      return "The region is not in regions.allowed, or Fly no longer offers it";
    case Reason::kReplaced:
      return "It failed, and others serve in its place";
    case Reason::kAbovePerRegionMax:
      return "More machines than capacity.perRegion.max";
    case Reason::kAboveTotalMax:
      return "More machines than capacity.total.max, and the region ranks lowest";
    default:
      return "";
  }
}

std::string MakeHoldMessage(Reason reason) {
  switch (reason) {
    case Reason::kStabilizing:
      return "The verdict does not yet hold over the stabilization window";
    case Reason::kMaxActions:
      return "maxActions within its period is used up";
    case Reason::kMaxCreatesPerHour:
      return "capacity.maxCreatesPerHour is used up";
    case Reason::kTotalMax:
      return "capacity.total.max is reached";
    case Reason::kTotalMin:
      return "A removal would leave fewer machines than capacity.total.min";
    case Reason::kLastHealthyMachine:
      return "No other machine that is to stay is started, healthy and uncordoned";
    case Reason::kPrimaryRegion:
      return "The region is the app's primary region";
    case Reason::kNotOurMachines:
      return "No machine in the region is this policy's to remove (adopt, own process group)";
    case Reason::kCoverageMixed:
      return "The long window mixes traffic with silence before the first sample; removal waits until it is "
             "one or the other";
    case Reason::kMachinesUnknown:
      return "The list of machines could not be read";
    case Reason::kUnattributed:
      return "The region has no coordinates: its traffic counts to no region";
    case Reason::kInProgress:
      return "An action on the region is under way";
    case Reason::kNoTemplate:
      return "No healthy machine of the process group is there to clone, and none is stored";
    case Reason::kVolumesRefused:
      return "The machines mount volumes, and the policy says volumes: Refuse";
    case Reason::kStillServing:
      return "The machines there still serve as much traffic as places a region";
    case Reason::kReceiverBusy:
      return "The machines that would take over have no room, or are not well";
    case Reason::kReversal:
      return "The region changed its mind twice within the long window";
    case Reason::kPaused:
      return "The policy is paused";
    default:
      return "";
  }
}

std::string MakeFailingMessage(const RegionState& region, absl::Time now) {
  const RegionHistory& history = *region.history;
  const absl::Duration rest = absl::Ceil(history.retry_at - now, absl::Seconds(1));
  return absl::StrCat("Creating a machine failed ", history.failed_creates, " times in a row (",
                      ToString(history.failure), "); the next attempt is due in ", absl::FormatDuration(rest),
                      ": ", history.failure_message);
}

std::string MakeMessage(const PassState& pass, const RegionState& region, Reason reason,
                        absl::Duration cooldown) {
  switch (reason) {
    case Reason::kExcluded:
      return "Region is in excluded_regions list";
    case Reason::kNotAllowed:
      if (region.hosting == Hosting::kNotOnPlatform) return "Region is not a region of the platform";
      return pass.input.policy.regions.allowed.empty() ? "Region is not an active region of the platform"
                                                       : "Region is not in allowed_regions list";
    case Reason::kAlwaysRunning:
      return "Region is in always_running_regions list";
    case Reason::kAlreadyDeployed:
      return WithAverages("Region is already deployed.", region.traffic);
    case Reason::kNotDeployed:
      return WithAverages("Region is not currently deployed.", region.traffic);
    case Reason::kWithinThresholds:
    case Reason::kWindowNotCovered:
      return WithAverages("Traffic does not meet adaptive thresholds.", region.traffic);
    case Reason::kCooldown:
      return MakeCooldownMessage(cooldown);
    case Reason::kReleaseInProgress:
    case Reason::kNotOwner:
    case Reason::kNotAuthorized:
    case Reason::kSettling:
      return pass.hold_message;
    case Reason::kCreateFailing:
      return MakeFailingMessage(region, pass.input.now);
    case Reason::kStandingIn:
      return absl::StrCat("Stands in for ", region.history->stands_in_for,
                          ", which has no machine that serves");
    case Reason::kEvidencePartial:
    case Reason::kEvidenceRecovering:
    case Reason::kEvidenceCollapsed:
    case Reason::kEvidenceStale:
    case Reason::kEvidenceMissing:
      return region.grade.message;
    default:
      break;
  }
  std::string message = MakeActionMessage(region, reason, pass.input.policy.threshold);
  return message.empty() ? MakeHoldMessage(reason) : message;
}

// What would have to change for the other outcome.
void AddWhatWouldChange(Text& text, const RegionDecision& decision, const Assessment& traffic,
                        const ThresholdSpec& spec) {
  if (decision.action != Action::kNone || !decision.may_host) return;
  const double current = traffic.short_average.value_or(0);
  if (decision.observed == 0 && traffic.verdict != Verdict::kPlace) {
    if (!traffic.short_covered) {
      text.Add(" To place: every point of the short window must be there.");
    } else if (current < traffic.up) {
      text.Add(" To place: the short average must rise by ").Add(traffic.up - current).Add(".");
    } else {
      text.Add(" To place: ")
          .Add(spec.short_window / 2 + 1)
          .Add(" points of the short window must be at or above ")
          .Add(spec.deploy)
          .Add(".");
    }
  } else if (decision.observed > 0 && !traffic.below) {
    const double most = std::max(current, traffic.long_average.value_or(0));
    text.Add(" To leave: both averages must fall to ")
        .Add(traffic.down)
        .Add(" or less (the higher is ")
        .Add(most)
        .Add(").");
  }
}

std::string MakeDetail(const PassState& pass, const RegionState& region, const RegionDecision& decision) {
  const ThresholdSpec& spec = pass.input.policy.threshold;
  const Assessment& traffic = region.traffic;
  Text text(320);
  text.Add("Traffic ").Add(decision.newest.value_or(0)).Add(" at the newest point, short average ");
  text.Add(traffic.short_average.value_or(0)).Add(", long average ").Add(traffic.long_average.value_or(0));
  text.Add("; places at ")
      .Add(traffic.up)
      .Add(" or more, leaves at ")
      .Add(traffic.down)
      .Add(" or less (volatility ");
  text.Add(traffic.volatility).Add("). Evidence ").Add(ToString(decision.evidence)).Add(".");
  if (!region.grade.message.empty()) text.Add(" ").Add(region.grade.message).Add(".");
  const auto served_by = pass.demand.served_by.find(region.code);
  if (served_by != pass.demand.served_by.end())
    text.Add(" Its traffic counts to ").Add(served_by->second).Add(".");
  AddWhatWouldChange(text, decision, traffic, spec);
  return text.Take();
}

}  // namespace

RegionDecision ExplainRegion(const PassState& pass, const RegionState& region, const Budget& budget) {
  const Reason reason = region.reason.value_or(ComputeRestingReason(pass, region));
  RegionDecision decision{.region = region.code, .reason = reason};
  decision.action = region.adding > 0          ? Action::kDeploy
                    : !region.removing.empty() ? Action::kRemove
                                               : Action::kNone;
  decision.wanted = ComputeWanted(region, reason);
  decision.may_host = region.may_host();
  decision.observed = region.observed;
  decision.healthy = region.healthy;
  decision.target = region.observed + region.adding - static_cast<int>(region.removing.size());
  decision.unfinished = region.unfinished;
  decision.placed = region.placed;
  const RegionDemand& demand = *region.demand;
  const int points = pass.demand.points;
  if (points > 0 && demand.covered[points] > demand.covered[points - 1])
    decision.newest = demand.requests.back();
  decision.short_average = region.traffic.short_average;
  decision.long_average = region.traffic.long_average;
  decision.volatility = region.traffic.volatility;
  decision.up = region.traffic.up;
  decision.down = region.traffic.down;
  decision.verdict = region.traffic.verdict;
  decision.evidence = region.grade.evidence;
  decision.removal_grade = region.traffic.removal_grade;
  const Action next = decision.wanted == Action::kNone
                          ? (region.observed > 0 ? Action::kRemove : Action::kDeploy)
                          : decision.wanted;
  decision.cooldown_remaining = budget.CooldownRemaining(region.history, next);
  decision.attributed = demand.attributed;
  decision.message = MakeMessage(pass, region, reason, decision.cooldown_remaining);
  decision.detail = MakeDetail(pass, region, decision);
  return decision;
}

}  // namespace placer
