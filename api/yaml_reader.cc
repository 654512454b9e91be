#include "api/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/utf8.h"

namespace placer {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr int kMaxNodes = 400000;

struct Refusal {
  Position at;
  std::string message;
};

// Builds nodes from events. Throws Refusal, which passes through yaml-cpp, where reading on is useless.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(DiagnosticSink& sink) : sink_(sink) {}

  YamlNode TakeRoot() { return std::exchange(root_, {}); }
  YAML::Mark start() const { return start_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    start_ = mark;
    open_.clear();
    root_ = {};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { Place(Make(YamlNode::Kind::kNull, mark)); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    YamlNode node = Make(YamlNode::Kind::kRefused, mark);
    sink_.Error(node.at, "", "an alias (*name) is not supported; write the value out");
    Place(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    YamlNode node = Make(YamlNode::Kind::kScalar, mark);
    node.text = value;
    node.quoted = tag != "?";
    if (tag != "?" && tag != "!" && !tag.empty()) RefuseTag(node, tag);
    Place(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kSequence, mark, tag);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMap, mark, tag);
  }
  void OnMapEnd() override { Close(); }

 private:
  // A collection whose end has not been seen, and for a map the key that waits for its value.
  struct Opened {
    YamlNode node;
    bool has_key = false;
    std::string key;
    Position key_at;
    bool key_usable = true;
  };

  YamlNode Make(YamlNode::Kind kind, const YAML::Mark& mark) {
    YamlNode node;
    node.kind = kind;
    node.at = {mark.line + 1, mark.column + 1};
    if (++nodes_ > kMaxNodes) throw Refusal{node.at, absl::StrCat("holds more than ", kMaxNodes, " values")};
    return node;
  }

  void RefuseTag(YamlNode& node, const std::string& tag) {
    sink_.Error(node.at, "", absl::StrCat("the tag ", QuoteFound(tag), " is not supported; leave it out"));
    node.kind = YamlNode::Kind::kRefused;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag) {
    YamlNode node = Make(kind, mark);
    if (open_.size() >= kMaxDepth)
      throw Refusal{node.at, absl::StrCat("is nested deeper than ", kMaxDepth, " levels")};
    if (tag != "?" && tag != "!" && !tag.empty()) RefuseTag(node, tag);
    open_.push_back({std::move(node)});
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Place(std::move(node));
  }

  void Place(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Opened& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kSequence) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.node.kind == YamlNode::Kind::kMap && !parent.has_key) {
      PlaceKey(parent, node);
    } else if (parent.node.kind == YamlNode::Kind::kMap) {
      // A null value is reported by yaml-cpp with the position of what follows: point at the key.
      if (node.kind == YamlNode::Kind::kNull) node.at = parent.key_at;
      if (parent.key_usable)
        parent.node.entries.push_back({std::move(parent.key), parent.key_at, std::move(node)});
      parent.has_key = false;
    }
  }

  void PlaceKey(Opened& parent, const YamlNode& key) {
    parent.has_key = true;
    parent.key_at = key.at;
    parent.key = key.text;
    parent.key_usable = key.kind == YamlNode::Kind::kScalar;
    if (!parent.key_usable && key.kind != YamlNode::Kind::kRefused) {
      sink_.Error(key.at, "", absl::StrCat("found ", DescribeNode(key), " as a key; a key must be a name"));
    }
  }

  DiagnosticSink& sink_;
  YAML::Mark start_;
  YamlNode root_;
  std::vector<Opened> open_;
  int nodes_ = 0;
};

Position FindPosition(absl::string_view text, std::size_t offset) {
  const absl::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::size_t line_start = newline == absl::string_view::npos ? 0 : newline + 1;
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_start) + 1};
}

// yaml-cpp takes any bytes, and one control character (0x04) for the end of the file.
bool IsCleanText(absl::string_view text, DiagnosticSink& sink) {
  if (absl::StartsWith(text, "\xFF\xFE") || absl::StartsWith(text, "\xFE\xFF")) {
    sink.Error({1, 1}, "", "is UTF-16 text; save the file as UTF-8");
    return false;
  }
  if (const std::size_t bad = FindInvalidUtf8(text); bad != absl::string_view::npos) {
    sink.Error(FindPosition(text, bad), "",
               absl::StrFormat("the byte 0x%02X is not UTF-8; save the file as UTF-8",
                               static_cast<unsigned>(static_cast<unsigned char>(text[bad]))));
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 || c == '\n' || c == '\r' || c == '\t') continue;
    sink.Error(FindPosition(text, i), "",
               absl::StrFormat("the control character 0x%02X is not allowed; remove it", c));
    return false;
  }
  return true;
}

// yaml-cpp's words, with a hint where they do not say what would be right.
std::string ExplainParserError(absl::string_view text, const YAML::ParserException& error) {
  const auto position = static_cast<std::size_t>(std::max(error.mark.pos, 0));
  const absl::string_view before = text.substr(0, std::min(position + 1, text.size()));
  const std::size_t newline = before.rfind('\n', before.size() > 1 ? before.size() - 2 : 0);
  const absl::string_view line = newline == absl::string_view::npos ? before : before.substr(newline + 1);
  const std::size_t content = line.find_first_not_of(' ');
  if (content != absl::string_view::npos && line[content] == '\t') {
    return "is not YAML: a tab cannot indent; use spaces";
  }
  return absl::StrCat("is not YAML: ", error.msg);
}

}  // namespace

std::vector<YamlNode> ReadYaml(absl::string_view text, int max_bytes, DiagnosticSink& sink) {
  std::vector<YamlNode> documents;
  if (text.size() > static_cast<std::size_t>(max_bytes)) {
    sink.Error({}, "", absl::StrCat("is ", text.size(), " bytes long; at most ", max_bytes, " are read"));
    return documents;
  }
  if (absl::StartsWith(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!IsCleanText(text, sink)) return documents;
  TreeBuilder builder(sink);
  bool first = true;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
      YamlNode root = builder.TakeRoot();
      const YAML::Mark start = builder.start();
      if (!first && !absl::StartsWith(text.substr(std::min<std::size_t>(start.pos, text.size())), "---")) {
        throw Refusal{
            {start.line + 1, start.column + 1},
            "does not belong to the document above; check the indentation, or separate documents by ---"};
      }
      first = false;
      if (root.kind != YamlNode::Kind::kNull) documents.push_back(std::move(root));
    }
  } catch (const Refusal& refusal) {
    sink.Error(refusal.at, "", refusal.message);
  } catch (const YAML::ParserException& error) {
    const Position at =
        error.mark.is_null() ? Position{} : Position{error.mark.line + 1, error.mark.column + 1};
    sink.Error(at, "", ExplainParserError(text, error));
  } catch (const YAML::Exception& error) {
    sink.Error({}, "", absl::StrCat("is not YAML: ", error.msg));
  }
  return documents;
}

}  // namespace placer
