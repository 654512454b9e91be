# Markdown files -> what they claim, one a line: FILE:LINE <tab> KIND <tab> TEXT.
#   command  a line of a fenced block without a language or in sh; elsewhere (in text, yaml, ... or inline code) what
#            begins with the name of a program; a shell's comment and indentation are left out
#   link     the target of a relative link or picture
#   anchor   the anchor of a heading
#   code     inline code that is no command
#   stray    an indented block: commands in it would not be seen
# programs: a regular expression of program names.

function emit(kind, text) { print FILENAME ":" FNR "\t" kind "\t" text }

function is_command(text) {
  return text ~ ("^(" programs ")( |$)") && text !~ /^[a-z-]+$/ || text ~ /^(\.\/(deploy|tests|docs)|build)\/[a-z\/_]+( |$)/
}

# As forges make them: lower case, no punctuation, - for a blank; -1 and so on for the next of the same.
function anchor_of(title,    anchor) {
  anchor = tolower(title)
  gsub(/[^a-z0-9 _-]/, "", anchor)
  gsub(/ /, "-", anchor)
  return anchor
}

function scan_code(line,    text) {
  while (match(line, /`[^`]+`/)) {
    text = substr(line, RSTART + 1, RLENGTH - 2)
    line = substr(line, RSTART + RLENGTH)
    emit(is_command(text) ? "command" : "code", text)
  }
}

function scan_links(line,    target) {
  gsub(/`[^`]*`/, "", line)
  while (match(line, /\]\([^)]*\)/)) {
    target = substr(line, RSTART + 2, RLENGTH - 3)
    line = substr(line, RSTART + RLENGTH)
    if (target !~ /^[a-z]+:/) emit("link", target)
  }
}

FNR == 1 { if (fenced) { print last_file ": a fence is not closed"; exit 1 } split("", seen); blank = 1; in_list = 0 }
{ last_file = FILENAME }

/^ *```/ {
  fenced = !fenced
  language = $0
  sub(/^ *```/, "", language)
  held = ""
  next
}

fenced {
  text = held $0
  sub(/^ +/, "", text)
  if (text ~ /\\$/) { held = substr(text, 1, length(text) - 1); next }
  held = ""
  sub(/  +#.*$/, "", text)
  sub(/ +$/, "", text)
  if (text != "" && (language == "" || language == "sh" || is_command(text))) emit("command", text)
  if (match($0, /#.*`/)) scan_code(substr($0, RSTART))
  next
}

/^#+ / {
  title = $0
  sub(/^#+ +/, "", title)
  name = anchor_of(title)
  if (name in seen) emit("anchor", name "-" seen[name]++)
  else { emit("anchor", name); seen[name] = 1 }
}

/^ *([-*]|[0-9]+\.) / { in_list = 1 }
/^[^ ]/ && !/^([-*]|[0-9]+\.) / { in_list = 0 }
/^(    |\t)/ && blank && !in_list { emit("stray", $0) }
{ blank = $0 == "" }
{ scan_code($0); scan_links($0) }
