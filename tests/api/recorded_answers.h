// The recorded answers of real servers, for tests that parse them. Their folder comes from the environment;
// where it is not set, the tests that need it are skipped.
#pragma once

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "api/http_message.h"

namespace placer {

inline std::string RecordedFolder() {
  const char* folder = std::getenv("FLY_AUTOPLACER_DATA");
  return folder == nullptr ? "" : folder;
}

inline std::string ReadRecordedFile(const std::string& name) {
  std::ifstream file(RecordedFolder() + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A file {"request": ..., "status": ..., "body": ...}.
inline HttpResponse ReadRecordedAnswer(const std::string& name) {
  const boost::json::value file = boost::json::parse(ReadRecordedFile(name));
  HttpResponse response;
  response.status = static_cast<int>(file.at("status").as_int64());
  response.body = file.at("body").as_string().c_str();
  return response;
}

}  // namespace placer

#define SKIP_WITHOUT_RECORDED_ANSWERS() \
  if (RecordedFolder().empty()) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set"
