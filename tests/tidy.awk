# The checks of tests/tidy. In: tidy_rules.txt as the variable `rules`, the names of the files on standard input.
# Out: one line `file:line: rule: what is wrong` per finding. Status 1 if there are any, 2 if the rules cannot be read.

BEGIN {
  read_rules()
  while ((getline name) > 0) check_file(name)
  report_unused()
  exit findings > 0
}

function fail(what) {
  print rules ":" rule_line ": " what > "/dev/stderr"
  exit 2
}

function report(file, line, rule, what) {
  if (excepted(rule, file)) return
  print file ":" line ": " rule ": " what
  findings++
}

# --- the rules ---

function read_rules(    row, key, rest, ban) {
  while ((getline row < rules) > 0) {
    rule_line++
    if (row ~ /^ *(#|$)/) continue
    key = row
    sub(/ .*/, "", key)
    rest = substr(row, length(key) + 2)
    if (key == "limit") {
      split(rest, word, " ")
      limits[word[1]] = word[2]
      ban = word[1] " length"
    } else if (key == "include" || key == "library" || key == "inner") {
      read_row(key, rest)
      ban = key
    } else if (key == "ban") {
      ban = rest
      bans[++ban_count] = ban
    } else if (key == "in" || key == "why" || key == "unless") {
      field[ban, key] = rest
    } else if (key == "code" || key == "literal" || key == "text") {
      field[ban, "kind"] = key
      field[ban, "pattern"] = rest
    } else if (key == "except") {
      if (!match(rest, /: ./)) fail("an exception needs a reason")
      exceptions[++exception_count] = substr(rest, 1, RSTART - 1)
      exception_of[exception_count] = ban
      exception_line[exception_count] = rule_line
    } else {
      fail("what is this? " row)
    }
  }
  close(rules)
  if (rule_line == 0) fail("no rules there")
}

# read_row("include", "api: absl api") and read_row("library", "boost/asio boost/system: controller")
function read_row(kind, row,    colon, names, count, i) {
  colon = index(row, ": ")
  if (!colon) fail("a row needs a colon")
  count = split(substr(row, 1, colon - 1), names, " ")
  for (i = 1; i <= count; i++) allowed[kind, names[i]] = substr(row, colon + 2)
}

function excepted(rule, file,    i) {
  for (i = 1; i <= exception_count; i++) {
    if (exception_of[i] == rule && lies_in(file, exceptions[i])) {
      exception_used[i] = 1
      return 1
    }
  }
  return 0
}

function report_unused(    i) {
  for (i = 1; i <= exception_count; i++) {
    if (!exception_used[i]) report(rules_name, exception_line[i], "exception", "nothing needs it: " exceptions[i])
  }
}

# Whether a file is `place`, lies in that folder, or, where place ends in "/...", below it. "FOLDER/*.cc" are its sources
# and inner headers.
function lies_in(file, place) {
  if (place == "...") return 1
  if (sub(/\/\*\.cc$/, "", place)) return folder_of(file) == place && (file ~ /\.cc$/ || (("inner", file) in allowed))
  if (place ~ /\/\.\.\.$/) return index(file, substr(place, 1, length(place) - 3)) == 1
  return file == place || folder_of(file) == place
}

function lies_in_any(file, places,    list, count, i) {
  count = split(places, list, " ")
  for (i = 1; i <= count; i++) if (lies_in(file, list[i])) return 1
  return 0
}

function folder_of(file) {
  return sub(/\/[^\/]*$/, "", file) ? file : ""
}

# --- one file ---

function check_file(file,    line, number, is_cpp, place) {
  is_cpp = file ~ /\.(cc|h)$/
  start_cpp()
  place = room_of(file)
  if (is_cpp && place == "") report(file, 1, "include", "this folder has no row in tidy_rules.txt")
  while ((getline line < file) > 0) {
    number++
    code = literal = line
    if (is_cpp) {
      strip(line)
      check_include(file, number, place)
      check_function(file, number)
    }
    check_bans(file, number, line, is_cpp)
  }
  close(file)
  if (depth != 0 || parens != 0) report(file, number, "function length", "cannot follow the braces of this file")
  check_length(file, number)
}

function check_length(file, lines,    limit) {
  if (file ~ /\/README\.md$/) {
    if (lines > limits["readme"]) report(file, lines, "readme length", lines " lines, at most " limits["readme"])
  } else if (file ~ /\.(cc|h|cmake|awk|js)$/ || file ~ /(^|\/)(CMakeLists\.txt|[^.\/]+)$/) {
    if (lines > limits["file"]) report(file, lines, "file length", lines " lines, at most " limits["file"])
  }
}

function check_bans(file, number, line, is_cpp,    i, ban, kind, text) {
  for (i = 1; i <= ban_count; i++) {
    ban = bans[i]
    kind = field[ban, "kind"]
    if (kind != "text" && !is_cpp) continue
    text = kind == "text" ? line : " " (kind == "code" ? code : literal) " "
    if (text !~ field[ban, "pattern"] || !lies_in_any(file, field[ban, "in"])) continue
    if (((ban, "unless") in field) && line ~ field[ban, "unless"]) continue
    match(text, field[ban, "pattern"])
    text = substr(text, RSTART, RLENGTH)
    gsub(/^[^A-Za-z_"]+|[^A-Za-z0-9_"]+$/, "", text)
    report(file, number, ban, text ": " field[ban, "why"])
  }
}

# --- includes ---

# The row of the include table that fits a file, "" if none does.
function room_of(file,    key, part, best) {
  for (key in allowed) {
    split(key, part, SUBSEP)
    if (part[1] == "include" && lies_in(file, part[2]) && length(part[2]) > length(best)) best = part[2]
  }
  return best
}

function check_include(file, number, room,    target) {
  if (literal !~ /^ *# *include/) return
  if (match(literal, /"[^"]+"/)) {
    target = substr(literal, RSTART + 1, RLENGTH - 2)
    if (("inner", target) in allowed && !lies_in_any(file, allowed["inner", target])) {
      report(file, number, "include", target " is for " allowed["inner", target] " only")
      return
    }
    if (room == "" || may_include(target, allowed["include", room])) return
    report(file, number, "include", room " may not include " target)
  } else if (match(literal, /<[^>]+>/) && file !~ /^tests\//) {
    check_library(file, number, substr(literal, RSTART + 1, RLENGTH - 2))
  }
}

function may_include(target, places) {
  return target ~ /^absl\// ? places ~ /(^| )absl( |$)/ : lies_in_any(target, places)
}

# <boost/asio/x.hpp> is of the library boost/asio, <prometheus/x.h> of prometheus, <sqlite3.h> and <chrono> of themselves.
function check_library(file, number, header,    name) {
  name = header
  if (header ~ /^boost\//) {
    sub(/^boost\//, "", name)
    sub(/[\/.].*/, "", name)
    name = "boost/" name
  } else {
    sub(/\/.*/, "", name)
  }
  if (("library", name) in allowed) {
    if (lies_in_any(file, allowed["library", name])) return
    report(file, number, "library", "<" header "> may only be included in " allowed["library", name])
  } else if (header !~ /^[a-z0-9_]+$/) {
    report(file, number, "library", "<" header "> has no row in tidy_rules.txt")
  }
}

# --- C++ ---

function start_cpp() {
  in_comment = 0
  raw_end = ""
  depth = parens = function_depth = head_line = 0
  head = ""
}

# Sets `code`, the line without comments and without what stands in strings, and `literal`, without comments.
function strip(line,    token, before, at) {
  code = literal = ""
  while (line != "") {
    if (in_comment || raw_end != "") {
      token = in_comment ? "*/" : raw_end
      at = index(line, token)
      if (raw_end != "") literal = literal (at ? substr(line, 1, at + length(token) - 1) : line)
      if (!at) return
      if (raw_end != "") code = code "\""
      in_comment = 0
      raw_end = ""
      line = substr(line, at + length(token))
      continue
    }
    if (!match(line, /\/\/|\/\*|"|'/)) {
      code = code line
      literal = literal line
      return
    }
    before = substr(line, 1, RSTART - 1)
    token = substr(line, RSTART, RLENGTH)
    line = substr(line, RSTART + RLENGTH)
    code = code before
    literal = literal before
    if (token == "//") return
    if (token == "/*") {
      in_comment = 1
    } else if (token == "'" && code ~ /[0-9a-fA-F]$/) {  # a digit separator
      continue
    } else if (token == "\"" && code ~ /(^|[^A-Za-z0-9_])(u8|u|U|L)?R$/) {
      at = index(line, "(")
      raw_end = ")" substr(line, 1, at - 1) "\""
      code = code "\""
      literal = literal "\"" substr(line, 1, at)
      line = substr(line, at + 1)
    } else {
      if (!match(line, token == "'" ? "^([^'\\\\]|\\\\.)*'" : "^([^\"\\\\]|\\\\.)*\"")) return
      code = code token token
      literal = literal token substr(line, 1, RLENGTH)
      line = substr(line, RLENGTH + 1)
    }
  }
}

# Follows the braces. A function is a block outside functions that comes after a parenthesis; its length counts from the
# first line of what stands before the block.
function check_function(file, number,    line, token, before) {
  if (code ~ /^ *#/) return
  line = code
  while (match(line, /[{};()]/)) {
    before = substr(line, 1, RSTART - 1)
    token = substr(line, RSTART, 1)
    line = substr(line, RSTART + 1)
    if (!function_depth) add_head(before token, number)
    if (token == "(") parens++
    else if (token == ")") parens--
    else if (token == ";") { if (!parens && !function_depth) forget_head() }
    else if (token == "{") open_brace()
    else close_brace(file, number)
  }
  if (!function_depth) add_head(line " ", number)
}

function add_head(text, number) {
  if (head_line == 0 && text ~ /[^ ]/) head_line = number
  if (head_line != 0) head = head text
}

function forget_head() {
  head = ""
  head_line = 0
}

function open_brace() {
  depth++
  if (function_depth) return
  sub(/^ *((public|private|protected): *)?(template *<[^>]*> *)?/, "", head)
  if (head ~ /^(namespace|class|struct|union|enum|extern)[ {]/) {
    forget_head()
  } else if (!parens && head ~ /\)[^=;]* \{$/) {
    function_depth = depth
    function_line = head_line
  } else {
    braces[depth] = 1  # of an initializer: what stands before it goes on behind it
  }
}

function close_brace(file, number,    lines) {
  if (function_depth == depth) {
    lines = number - function_line + 1
    if (lines > limits["function"]) report(file, function_line, "function length", lines " lines, at most " limits["function"])
    function_depth = 0
    forget_head()
  } else if (!function_depth) {
    if (!braces[depth]) forget_head()
    braces[depth] = 0
  }
  depth--
}
