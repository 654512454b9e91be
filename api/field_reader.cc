#include "api/field_reader.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "api/policy_duration.h"
#include "api/spelling.h"

namespace placer {
namespace {

// -?(0|[1-9][0-9]*): what every YAML and JSON reader takes for the same whole number.
bool IsPlainInteger(absl::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  if (text.empty() || (text.front() == '0' && text.size() > 1)) return false;
  return text.find_first_not_of("0123456789") == absl::string_view::npos;
}

// JSON's grammar of numbers.
bool IsPlainNumber(absl::string_view text) {
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != absl::string_view::npos) {
    absl::string_view digits = text.substr(exponent + 1);
    if (!digits.empty() && (digits.front() == '+' || digits.front() == '-')) digits.remove_prefix(1);
    if (digits.empty() || digits.find_first_not_of("0123456789") != absl::string_view::npos) return false;
    text = text.substr(0, exponent);
  }
  const std::size_t point = text.find('.');
  if (point != absl::string_view::npos) {
    const absl::string_view digits = text.substr(point + 1);
    if (digits.empty() || digits.find_first_not_of("0123456789") != absl::string_view::npos) return false;
    text = text.substr(0, point);
  }
  return IsPlainInteger(text);
}

bool IsQuotedNumber(const YamlNode& node) {
  return node.quoted && LooksLikeNumber(node.text);
}

bool HasLeadingZero(absl::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text.size() > 1 && text.front() == '0' && absl::ascii_isdigit(text[1]);
}

const YamlEntry* FindEntry(const YamlNode& map, absl::string_view key) {
  for (const YamlEntry& entry : map.entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

// The entry of the longest prefix of the path `field` that is there; null if there is none.
const YamlEntry* FindClosest(const YamlNode& root, absl::string_view field, bool& whole) {
  const YamlEntry* closest = nullptr;
  for (;;) {
    const std::size_t dot = field.find('.');
    const YamlEntry* next = FindEntry(closest == nullptr ? root : closest->value, field.substr(0, dot));
    whole = next != nullptr && dot == absl::string_view::npos;
    if (next == nullptr) return closest;
    closest = next;
    if (whole) return closest;
    field.remove_prefix(dot + 1);
  }
}

// A key that nobody here chose, fit for a path: it may hold a line's end, or what a terminal obeys.
std::string Shown(absl::string_view key) {
  constexpr std::size_t kLongest = 60;
  const bool is_plain =
      !key.empty() && key.size() <= kLongest && std::all_of(key.begin(), key.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
      });
  return is_plain ? std::string(key) : QuoteFound(key);
}

}  // namespace

bool DocumentReport::IsBroken(absl::string_view field) const {
  while (!broken.contains(std::string(field))) {
    const std::size_t dot = field.rfind('.');
    if (dot == absl::string_view::npos) return false;
    field = field.substr(0, dot);
  }
  return true;
}

Position DocumentReport::Find(absl::string_view field) const {
  bool whole = false;
  const YamlEntry* entry = FindClosest(root, field, whole);
  if (entry == nullptr) return root.at;
  return whole && entry->value.kind != YamlNode::Kind::kMap ? entry->value.at : entry->at;
}

Position ItemPositions::At(std::size_t index) const {
  return list != nullptr && index < list->items.size() ? list->items[index].at : otherwise;
}

ItemPositions DocumentReport::FindItems(absl::string_view field) const {
  bool whole = false;
  const YamlEntry* entry = FindClosest(root, field, whole);
  return {whole ? &entry->value : nullptr, Find(field)};
}

FieldReader::FieldReader(const YamlNode* map, std::string path, DocumentReport& report)
    : path_(std::move(path)), report_(report) {
  if (map == nullptr) return;
  for (const YamlEntry& entry : map->entries) {
    const auto [first, is_new] = fields_.emplace(entry.key, &entry);
    if (!is_new) {
      report_.Break(
          entry.at, Path(Shown(entry.key)),
          absl::StrCat("is given twice, first in line ", first->second->at.line, "; keep one of them"));
    }
  }
}

std::string FieldReader::Path(absl::string_view key) const {
  return path_.empty() ? std::string(key) : absl::StrCat(path_, ".", key);
}

void FieldReader::Break(const char* key, const YamlNode& node, std::string message) {
  report_.Break(node.at, Path(key), std::move(message));
}

const YamlNode* FieldReader::Take(const char* key) {
  known_.push_back(key);
  const auto found = fields_.find(key);
  if (found == fields_.end()) return nullptr;
  const YamlNode* node = &found->second->value;
  fields_.erase(found);
  if (node->kind != YamlNode::Kind::kRefused) return node;
  report_.broken.insert(Path(key));
  return nullptr;
}

const YamlNode* FieldReader::TakeValue(const char* key, const char* wanted) {
  const YamlNode* node = Take(key);
  if (node == nullptr || node->kind != YamlNode::Kind::kNull) return node;
  Break(key, *node, absl::StrCat("is empty; write ", wanted, ", or leave the key out for the default"));
  return nullptr;
}

const YamlNode* FieldReader::TakeScalar(const char* key, const char* wanted) {
  const YamlNode* node = TakeValue(key, wanted);
  if (node == nullptr || node->kind == YamlNode::Kind::kScalar) return node;
  Break(key, *node, absl::StrCat("is ", DescribeNode(*node), "; write ", wanted));
  return nullptr;
}

FieldReader FieldReader::Map(const char* key) {
  const YamlNode* node = Take(key);
  if (node != nullptr && node->kind != YamlNode::Kind::kMap) {
    if (node->kind != YamlNode::Kind::kNull) {
      Break(key, *node, absl::StrCat("is ", DescribeNode(*node), "; write a mapping of its fields"));
    }
    node = nullptr;
  }
  return FieldReader(node, Path(key), report_);
}

void FieldReader::String(const char* key, std::string& out) {
  const YamlNode* node = TakeScalar(key, "a string");
  if (node == nullptr) return;
  if (!node->quoted && (LooksLikeNumber(node->text) || LooksLikeBool(node->text))) {
    Break(key, *node, absl::StrCat("is ", DescribeNode(*node), ", not a string; put it in quotes"));
    return;
  }
  out = node->text;
}

void FieldReader::Duration(const char* key, absl::Duration& out) {
  const YamlNode* node = TakeScalar(key, "a duration such as 15s or 5m");
  if (node == nullptr) return;
  const auto duration = ParsePolicyDuration(node->text);
  if (duration.ok()) {
    out = *duration;
  } else {
    Break(key, *node, absl::StrCat(QuoteFound(node->text), " ", std::string(duration.status().message())));
  }
}

void FieldReader::ReadInt(const char* key, const YamlNode& node, int& out) {
  double value = 0;
  if (!node.quoted && IsPlainInteger(node.text)) {
    if (absl::SimpleAtoi(node.text, &out)) return;
    Break(key, node, absl::StrCat(QuoteFound(node.text), " is too large for a whole number"));
  } else if (IsQuotedNumber(node)) {
    Break(key, node, absl::StrCat("is ", DescribeNode(node), ", not a number; remove the quotes"));
  } else if (HasLeadingZero(node.text)) {
    Break(key, node,
          absl::StrCat(DescribeNode(node), " may be read as octal; write it without leading zeros"));
  } else if (IsPlainNumber(node.text) && absl::SimpleAtod(node.text, &value) && value == std::floor(value) &&
             std::fabs(value) < 1e9) {
    Break(key, node,
          absl::StrCat(node.text, " is not written as a whole number; write ", static_cast<int>(value)));
  } else {
    Break(key, node, absl::StrCat("is ", DescribeNode(node), "; write a whole number"));
  }
}

void FieldReader::Int(const char* key, int& out) {
  if (const YamlNode* node = TakeScalar(key, "a whole number")) ReadInt(key, *node, out);
}

void FieldReader::OptionalInt(const char* key, std::optional<int>& out) {
  const YamlNode* node = Take(key);
  if (node == nullptr) return;
  if (node->kind == YamlNode::Kind::kNull) {
    out.reset();
  } else if (node->kind != YamlNode::Kind::kScalar) {
    Break(key, *node,
          absl::StrCat("is ", DescribeNode(*node), "; write a whole number, or null for no limit"));
  } else {
    int value = 0;
    ReadInt(key, *node, value);
    if (!report_.broken.contains(Path(key))) out = value;
  }
}

void FieldReader::Double(const char* key, double& out) {
  const YamlNode* node = TakeScalar(key, "a number");
  if (node == nullptr) return;
  double value = 0;
  if (IsQuotedNumber(*node)) {
    Break(key, *node, absl::StrCat("is ", DescribeNode(*node), ", not a number; remove the quotes"));
  } else if (HasLeadingZero(node->text)) {
    Break(key, *node,
          absl::StrCat(DescribeNode(*node), " may be read as octal; write it without leading zeros"));
  } else if (node->quoted || !IsPlainNumber(node->text) || !absl::SimpleAtod(node->text, &value)) {
    Break(key, *node, absl::StrCat("is ", DescribeNode(*node), "; write a number such as 50 or 0.3"));
  } else if (!std::isfinite(value)) {
    Break(key, *node, absl::StrCat(QuoteFound(node->text), " is too large for a number"));
  } else {
    out = value == 0 ? 0 : value;  // -0 is 0
  }
}

void FieldReader::Strings(const char* key, std::vector<std::string>& out) {
  const YamlNode* node = Take(key);
  if (node == nullptr || node->kind == YamlNode::Kind::kNull) return;
  if (node->kind != YamlNode::Kind::kSequence) {
    Break(key, *node, absl::StrCat("is ", DescribeNode(*node), "; write a list such as [fra, iad]"));
    return;
  }
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const YamlNode& item = node->items[i];
    if (item.kind == YamlNode::Kind::kScalar && (item.quoted || !LooksLikeNumber(item.text))) {
      out.push_back(item.text);
      continue;
    }
    out.emplace_back();
    report_.broken.insert(Path(key));
    if (item.kind == YamlNode::Kind::kRefused) continue;
    report_.sink.Error(item.at, absl::StrCat(Path(key), "[", i, "]"),
                       absl::StrCat("is ", DescribeNode(item), "; write a string"));
  }
}

int FieldReader::EnumIndex(const char* key, const std::vector<const char*>& names) {
  const YamlNode* node = TakeScalar(key, names.front());
  if (node == nullptr) return -1;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (node->text == names[i]) return static_cast<int>(i);
  }
  const std::vector<absl::string_view> candidates(names.begin(), names.end());
  Break(key, *node,
        absl::StrCat(DescribeNode(*node), " is not one of ", absl::StrJoin(names, ", "),
                     SuggestSpelling(node->text, candidates)));
  return -1;
}

void FieldReader::Reserved(const char* key) {
  const auto found = fields_.find(key);
  if (found == fields_.end()) return;
  const Position at = found->second->at;
  fields_.erase(found);
  report_.Break(at, Path(key), "is not available yet; remove it");
}

void FieldReader::Ignored(const char* key, const char* why) {
  const auto found = fields_.find(key);
  if (found == fields_.end()) return;
  report_.sink.Warning(found->second->at, Path(key), why);
  fields_.erase(found);
}

void FieldReader::Finish() {
  for (const auto& [key, entry] : fields_) {
    if (key == "<<") {
      report_.Break(entry->at, Path(key), "is a merge key, which is not supported; write the fields out");
      continue;
    }
    report_.Break(entry->at, Path(Shown(key)),
                  absl::StrCat("is an unknown key", SuggestSpelling(key, known_)));
  }
}

}  // namespace placer
