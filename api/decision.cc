#include "api/decision.h"

namespace placer {

const char* ToString(Evidence evidence) {
  switch (evidence) {
    case Evidence::kFresh:
      return "Fresh";
    case Evidence::kPartial:
      return "Partial";
    case Evidence::kRecovering:
      return "Recovering";
    case Evidence::kCollapsed:
      return "Collapsed";
    case Evidence::kStale:
      return "Stale";
    case Evidence::kMissing:
      return "Missing";
  }
  return "Missing";
}

const char* ToString(Verdict verdict) {
  switch (verdict) {
    case Verdict::kKeep:
      return "keep";
    case Verdict::kPlace:
      return "place";
    case Verdict::kLeave:
      return "leave";
  }
  return "keep";
}

const char* ToString(Action action) {
  switch (action) {
    case Action::kNone:
      return "none";
    case Action::kDeploy:
      return "deploy";
    case Action::kRemove:
      return "remove";
  }
  return "none";
}

const char* ToString(Reason reason) {
  switch (reason) {
    case Reason::kTrafficAboveThreshold:
      return "TrafficAboveThreshold";
    case Reason::kAlwaysRunningMissing:
      return "AlwaysRunningMissing";
    case Reason::kBelowPerRegionMin:
      return "BelowPerRegionMin";
    case Reason::kReplacesExcluded:
      return "ReplacesExcluded";
    case Reason::kStandsIn:
      return "StandsIn";
    case Reason::kSwappedIn:
      return "SwappedIn";
    case Reason::kTrafficBelowThreshold:
      return "TrafficBelowThreshold";
    case Reason::kExcludedRemoved:
      return "ExcludedRemoved";
    case Reason::kNotAllowedRemoved:
      return "NotAllowedRemoved";
    case Reason::kReplaced:
      return "Replaced";
    case Reason::kAbovePerRegionMax:
      return "AbovePerRegionMax";
    case Reason::kAboveTotalMax:
      return "AboveTotalMax";
    case Reason::kStandInDone:
      return "StandInDone";
    case Reason::kSwappedOut:
      return "SwappedOut";
    case Reason::kAlreadyDeployed:
      return "AlreadyDeployed";
    case Reason::kNotDeployed:
      return "NotDeployed";
    case Reason::kWithinThresholds:
      return "WithinThresholds";
    case Reason::kExcluded:
      return "Excluded";
    case Reason::kNotAllowed:
      return "NotAllowed";
    case Reason::kAlwaysRunning:
      return "AlwaysRunning";
    case Reason::kCooldown:
      return "Cooldown";
    case Reason::kStabilizing:
      return "Stabilizing";
    case Reason::kMaxActions:
      return "MaxActions";
    case Reason::kMaxCreatesPerHour:
      return "MaxCreatesPerHour";
    case Reason::kTotalMax:
      return "TotalMax";
    case Reason::kTotalMin:
      return "TotalMin";
    case Reason::kLastHealthyMachine:
      return "LastHealthyMachine";
    case Reason::kPrimaryRegion:
      return "PrimaryRegion";
    case Reason::kNotOurMachines:
      return "NotOurMachines";
    case Reason::kEvidencePartial:
      return "EvidencePartial";
    case Reason::kEvidenceStale:
      return "EvidenceStale";
    case Reason::kEvidenceMissing:
      return "EvidenceMissing";
    case Reason::kCoverageMixed:
      return "CoverageMixed";
    case Reason::kWindowNotCovered:
      return "WindowNotCovered";
    case Reason::kMachinesUnknown:
      return "MachinesUnknown";
    case Reason::kUnattributed:
      return "Unattributed";
    case Reason::kInProgress:
      return "InProgress";
    case Reason::kCreateFailing:
      return "CreateFailing";
    case Reason::kNoTemplate:
      return "NoTemplate";
    case Reason::kVolumesRefused:
      return "VolumesRefused";
    case Reason::kStillServing:
      return "StillServing";
    case Reason::kReceiverBusy:
      return "ReceiverBusy";
    case Reason::kReversal:
      return "Reversal";
    case Reason::kStandingIn:
      return "StandingIn";
    case Reason::kEvidenceCollapsed:
      return "EvidenceCollapsed";
    case Reason::kEvidenceRecovering:
      return "EvidenceRecovering";
    case Reason::kReleaseInProgress:
      return "ReleaseInProgress";
    case Reason::kNotOwner:
      return "NotOwner";
    case Reason::kNotAuthorized:
      return "NotAuthorized";
    case Reason::kSettling:
      return "Settling";
    case Reason::kPaused:
      return "Paused";
  }
  return "WithinThresholds";
}

}  // namespace placer
