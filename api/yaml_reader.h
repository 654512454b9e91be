// YAML as plain nodes with positions, made from yaml-cpp's events. Hostile text ends in a diagnostic: size,
// depth and node count are bounded, an alias is refused where it stands (so nothing can grow or loop), and
// what yaml-cpp would quietly take for something else (a second document without `---`, a stray control
// character, text that is not UTF-8) is an error. JSON is read as the YAML that it is.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "api/diagnostic.h"

namespace placer {

struct Position {
  int line = 0;  // 1-based; 0: the file as a whole
  int column = 0;
};

struct YamlEntry;

struct YamlNode {
  enum class Kind {
    kNull,
    kScalar,
    kSequence,
    kMap,
    kRefused,  // already reported: an alias, a tag
  };
  Kind kind = Kind::kNull;
  Position at;
  std::string text;                // of a scalar
  bool quoted = false;             // of a scalar: it is a string whatever it looks like
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a map, in the order of the file; keys may repeat
};

struct YamlEntry {
  std::string key;
  Position at;  // of the key
  YamlNode value;
};

// Collects the diagnostics of one file, and stops listing them after the hundredth.
class DiagnosticSink {
 public:
  explicit DiagnosticSink(std::string file) : file_(std::move(file)) {}

  void Error(Position at, absl::string_view field, std::string message);
  void Warning(Position at, absl::string_view field, std::string message);
  // In the order of the file.
  std::vector<Diagnostic> Take();

 private:
  void Add(Diagnostic::Severity severity, Position at, absl::string_view field, std::string message);

  std::string file_;
  std::vector<Diagnostic> diagnostics_;
  int left_out_ = 0;
  bool error_left_out_ = false;
};

// The documents of `text`, empty ones left out. What stands before an error is still returned.
std::vector<YamlNode> ReadYaml(absl::string_view text, int max_bytes, DiagnosticSink& sink);

// What a person would call the node: `the number 5`, `a list`. Long text is shortened; quotes are shown.
std::string DescribeNode(const YamlNode& node);
// `text` in quotes, shortened, on one line.
std::string QuoteFound(absl::string_view text);
// A number, in any notation that YAML or people use for one.
bool LooksLikeNumber(absl::string_view text);
// true or false, in any case that YAML takes for it: true, True, TRUE.
bool LooksLikeBool(absl::string_view text);

}  // namespace placer
