#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "api/json_writer.h"
#include "api/utf8.h"
#include "api/yaml_reader.h"

namespace placer {
namespace {

constexpr std::size_t kMaxDiagnostics = 100;
constexpr std::size_t kMaxShownBytes = 60;

}  // namespace

void DiagnosticSink::Add(Diagnostic::Severity severity, Position at, absl::string_view field,
                         std::string message) {
  if (diagnostics_.size() >= kMaxDiagnostics) {
    ++left_out_;
    error_left_out_ |= severity == Diagnostic::Severity::kError;
    return;
  }
  diagnostics_.push_back({severity, file_, at.line, at.column, std::string(field), std::move(message)});
}

void DiagnosticSink::Error(Position at, absl::string_view field, std::string message) {
  Add(Diagnostic::Severity::kError, at, field, std::move(message));
}

void DiagnosticSink::Warning(Position at, absl::string_view field, std::string message) {
  Add(Diagnostic::Severity::kWarning, at, field, std::move(message));
}

std::vector<Diagnostic> DiagnosticSink::Take() {
  // By position, and among equals as they came.
  std::vector<std::tuple<int, int, std::size_t>> order;
  for (std::size_t i = 0; i < diagnostics_.size(); ++i) {
    order.emplace_back(diagnostics_[i].line, diagnostics_[i].column, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<Diagnostic> sorted;
  for (const auto& [line, column, index] : order) sorted.push_back(std::move(diagnostics_[index]));
  diagnostics_.clear();
  if (left_out_ > 0) {
    sorted.push_back({error_left_out_ ? Diagnostic::Severity::kError : Diagnostic::Severity::kWarning, file_,
                      0, 0, "", absl::StrCat(left_out_, " more are not shown")});
  }
  return sorted;
}

std::string QuoteFound(absl::string_view text) {
  std::size_t shown = 0;
  while (shown < text.size()) {
    const std::size_t next = std::max<std::size_t>(Utf8SequenceLength(text.substr(shown)), 1);
    if (shown + next > kMaxShownBytes) return FormatJsonString(absl::StrCat(text.substr(0, shown), "..."));
    shown += next;
  }
  return FormatJsonString(text);
}

bool LooksLikeNumber(absl::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") == absl::string_view::npos) return !text.empty();
  if (!absl::ascii_isdigit(text.front()) && text.find_first_of("+-.") != 0) return false;
  if (absl::StartsWith(text, "0x") || absl::StartsWith(text, "0o")) return true;
  double ignored = 0;
  return absl::SimpleAtod(text, &ignored) || text == ".inf" || text == "-.inf" || text == ".nan";
}

bool LooksLikeBool(absl::string_view text) {
  for (const char* word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return true;
  }
  return false;
}

std::string DescribeNode(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a mapping";
    case YamlNode::Kind::kRefused:
      return "something refused";
    case YamlNode::Kind::kScalar:
      break;
  }
  if (node.quoted) return absl::StrCat("the string ", QuoteFound(node.text));
  const bool is_short = node.text.size() <= kMaxShownBytes;
  if (is_short && LooksLikeNumber(node.text)) return absl::StrCat("the number ", node.text);
  if (LooksLikeBool(node.text)) return node.text;
  return QuoteFound(node.text);
}

}  // namespace placer
