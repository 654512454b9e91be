// Real files, real inotify, virtual time: the watcher's pauses pass as soon as the test says so.
// `Pump(100ms)` leaves room for a file to settle, and is far below the poll interval: what is noticed within
// it was noticed by inotify.
#include "controller/policy_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "api/policy_codec.h"
#include "tests/simulated/temporary_folder.h"

namespace placer {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void WriteFile(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

class PolicyWatcherTest : public ::testing::Test {
 protected:
  ~PolicyWatcherTest() override { Stop(); }

  void Watch(const fs::path& path) {
    watcher_.emplace(io_, clock_, path.string(), [this](absl::StatusOr<std::vector<PolicyFile>> content) {
      seen_.push_back(content.ok()
                          ? absl::StrJoin(*content, "|",
                                          [](std::string* out, const PolicyFile& file) { *out += file.text; })
                          : absl::StrCat("error ", absl::StatusCodeToString(content.status().code())));
    });
    asio::co_spawn(io_, watcher_->Run(),
                   asio::bind_cancellation_slot(cancel_.slot(), [this](std::exception_ptr error) {
                     ended_ = true;
                     threw_ = error != nullptr;
                   }));
    io_.poll();
    seen_.clear();
  }

  void Pump(absl::Duration duration) {
    const absl::Time end = clock_.Now() + duration;
    while (clock_.Now() < end) {
      io_.poll();
      clock_.AdvanceTo(clock_.Now() + absl::Milliseconds(10));
    }
    io_.poll();
  }

  void Stop() {
    if (ended_ || !watcher_.has_value()) return;
    cancel_.emit(asio::cancellation_type::terminal);
    io_.poll();
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  asio::io_context io_{1};
  SimulatedClock clock_{absl::FromUnixSeconds(1000000)};
  asio::cancellation_signal cancel_;
  std::optional<PolicyWatcher> watcher_;
  std::vector<std::string> seen_;  // since Watch
  bool ended_ = false;
  bool threw_ = false;
};

constexpr absl::Duration kSettle = absl::Milliseconds(150);
constexpr absl::Duration kPoll = absl::Milliseconds(1300);

TEST_F(PolicyWatcherTest, ReportsAtOnceWhatIsThere) {
  WriteFile(folder_ / "p.yaml", "one");
  std::string first;
  PolicyWatcher watcher(io_, clock_, (folder_ / "p.yaml").string(),
                        [&](auto content) { first = content->at(0).text; });
  asio::cancellation_signal cancel;
  asio::co_spawn(io_, watcher.Run(), asio::bind_cancellation_slot(cancel.slot(), [](std::exception_ptr) {}));
  io_.poll();
  EXPECT_EQ(first, "one");
  cancel.emit(asio::cancellation_type::terminal);
  io_.poll();
}

TEST_F(PolicyWatcherTest, SeesAnInPlaceWrite) {
  WriteFile(folder_ / "p.yaml", "one");
  Watch(folder_ / "p.yaml");
  WriteFile(folder_ / "p.yaml", "two");
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("two"));
}

TEST_F(PolicyWatcherTest, SeesSameSizeWithTheSameTimeStamp) {
  WriteFile(folder_ / "p.yaml", "one");
  const auto time = fs::last_write_time(folder_ / "p.yaml");
  Watch(folder_ / "p.yaml");
  WriteFile(folder_ / "p.yaml", "two");
  fs::last_write_time(folder_ / "p.yaml", time);
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("two"));
}

TEST_F(PolicyWatcherTest, SeesARename) {
  WriteFile(folder_ / "p.yaml", "one");
  Watch(folder_ / "p.yaml");
  WriteFile(folder_ / "p.yaml.tmp", "two");
  Pump(kSettle);
  EXPECT_THAT(seen_, IsEmpty());
  fs::rename(folder_ / "p.yaml.tmp", folder_ / "p.yaml");
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("two"));
}

TEST_F(PolicyWatcherTest, GoesOnSeeingAfterARename) {
  WriteFile(folder_ / "p.yaml", "one");
  Watch(folder_ / "p.yaml");
  WriteFile(folder_ / "new", "two");
  fs::rename(folder_ / "new", folder_ / "p.yaml");
  Pump(kSettle);
  WriteFile(folder_ / "p.yaml", "three");
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("two", "three"));
}

// p.yaml -> ..data/p.yaml, ..data -> ..1: the links of a mounted ConfigMap, swapped by renaming one of them.
TEST_F(PolicyWatcherTest, SeesASwapOfAMountedConfigMap) {
  fs::create_directory(folder_ / "..1");
  fs::create_directory(folder_ / "..2");
  WriteFile(folder_ / "..1/p.yaml", "one");
  WriteFile(folder_ / "..2/p.yaml", "two");
  fs::create_symlink("..1", folder_ / "..data");
  fs::create_symlink("..data/p.yaml", folder_ / "p.yaml");
  Watch(folder_ / "p.yaml");
  fs::create_symlink("..2", folder_ / "..data_tmp");
  fs::rename(folder_ / "..data_tmp", folder_ / "..data");
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("two"));
}

TEST_F(PolicyWatcherTest, SeesASwapUnderAMountedFolder) {
  fs::create_directory(folder_ / "mount");
  fs::create_directory(folder_ / "mount/..1");
  fs::create_directory(folder_ / "mount/..2");
  WriteFile(folder_ / "mount/..1/p.yaml", "one");
  WriteFile(folder_ / "mount/..2/p.yaml", "two");
  fs::create_symlink("..1", folder_ / "mount/..data");
  fs::create_symlink("..data/p.yaml", folder_ / "mount/p.yaml");
  Watch(folder_ / "mount");
  fs::create_symlink("..2", folder_ / "mount/..tmp");
  fs::rename(folder_ / "mount/..tmp", folder_ / "mount/..data");
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("two"));
}

TEST_F(PolicyWatcherTest, SeesAWriteBehindALinkElsewhere) {
  fs::create_directory(folder_ / "elsewhere");
  WriteFile(folder_ / "elsewhere/real.yaml", "one");
  fs::create_directory(folder_ / "here");
  fs::create_symlink(folder_ / "elsewhere/real.yaml", folder_ / "here/p.yaml");
  Watch(folder_ / "here/p.yaml");
  WriteFile(folder_ / "elsewhere/real.yaml", "two");
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("two"));
}

TEST_F(PolicyWatcherTest, SeesEachFileOfADirectoryInTheOrderOfNames) {
  WriteFile(folder_ / "b.yaml", "b");
  WriteFile(folder_ / "a.json", "a");
  WriteFile(folder_ / "notes.txt", "no");
  WriteFile(folder_ / ".hidden.yaml", "no");
  Watch(folder_.string());
  WriteFile(folder_ / "c.yml", "c");
  Pump(kSettle);
  fs::remove(folder_ / "b.yaml");
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("a|b|c", "a|c"));
}

TEST_F(PolicyWatcherTest, ReportsOnceThatTheFileVanishedAndThatItIsBack) {
  WriteFile(folder_ / "p.yaml", "one");
  Watch(folder_ / "p.yaml");
  fs::remove(folder_ / "p.yaml");
  Pump(absl::Seconds(5));
  EXPECT_THAT(seen_, ElementsAre("error NOT_FOUND"));
  WriteFile(folder_ / "p.yaml", "one");
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("error NOT_FOUND", "one"));
}

TEST_F(PolicyWatcherTest, SeesAFileThatAppearsLaterInAFolderThatAppearsLater) {
  Watch(folder_ / "later/p.yaml");
  fs::create_directory(folder_ / "later");
  WriteFile(folder_ / "later/p.yaml", "one");
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("one"));
}

TEST_F(PolicyWatcherTest, HalfWrittenFileIsReportedOnceItRests) {
  WriteFile(folder_ / "p.yaml", "one");
  Watch(folder_ / "p.yaml");
  std::ofstream file(folder_ / "p.yaml", std::ios::binary);
  for (const char* part : {"t", "w", "o"}) {
    file << part << std::flush;
    Pump(absl::Milliseconds(30));
  }
  file.close();
  Pump(kSettle);
  EXPECT_THAT(seen_, ElementsAre("two"));
}

TEST_F(PolicyWatcherTest, FileThatNeverRestsIsReportedAsItIs) {
  WriteFile(folder_ / "p.yaml", "one");
  Watch(folder_ / "p.yaml");
  for (int i = 0; i < 50 && seen_.empty(); ++i) {
    WriteFile(folder_ / "p.yaml", absl::StrCat("draft ", i));
    Pump(absl::Milliseconds(50));
  }
  EXPECT_THAT(seen_, ElementsAre(HasSubstr("draft")));
}

TEST_F(PolicyWatcherTest, ChangeThatIsTakenBackIsNone) {
  WriteFile(folder_ / "p.yaml", "one");
  Watch(folder_ / "p.yaml");
  WriteFile(folder_ / "p.yaml", "two");
  Pump(absl::Milliseconds(20));
  WriteFile(folder_ / "p.yaml", "one");
  Pump(kPoll);
  EXPECT_THAT(seen_, IsEmpty());
}

// No directory between the root and the file's own is watched, so only the poll can see this.
TEST_F(PolicyWatcherTest, PollSeesWhatInotifyCannot) {
  fs::create_directories(folder_ / "a/b");
  WriteFile(folder_ / "a/b/p.yaml", "one");
  fs::create_directories(folder_ / "new/b");
  WriteFile(folder_ / "new/b/p.yaml", "two");
  Watch(folder_ / "a/b/p.yaml");
  fs::rename(folder_ / "a", folder_ / "old");
  fs::rename(folder_ / "new", folder_ / "a");
  Pump(kSettle);
  EXPECT_THAT(seen_, IsEmpty());
  Pump(kPoll);
  EXPECT_THAT(seen_, ElementsAre("two"));
}

TEST_F(PolicyWatcherTest, NeighboursDoNotDelayThePoll) {
  fs::create_directories(folder_ / "a/b");
  WriteFile(folder_ / "a/b/p.yaml", "one");
  Watch(folder_ / "a/b/p.yaml");
  fs::rename(folder_ / "a", folder_ / "old");
  for (int i = 0; i < 14; ++i) {
    WriteFile(folder_ / "old/b/database", absl::StrCat(i));
    Pump(absl::Milliseconds(100));
  }
  EXPECT_THAT(seen_, ElementsAre("error NOT_FOUND"));
}

TEST_F(PolicyWatcherTest, CancellationEndsItWithoutAnException) {
  WriteFile(folder_ / "p.yaml", "one");
  Watch(folder_ / "p.yaml");
  Stop();
  EXPECT_TRUE(ended_);
  EXPECT_FALSE(threw_);
}

TEST_F(PolicyWatcherTest, CancellationWhileAFileSettlesReportsNothing) {
  WriteFile(folder_ / "p.yaml", "one");
  Watch(folder_ / "p.yaml");
  WriteFile(folder_ / "p.yaml", "two");
  Pump(absl::Milliseconds(20));
  Stop();
  EXPECT_TRUE(ended_);
  EXPECT_THAT(seen_, IsEmpty());
}

class PolicyFilesTest : public ::testing::Test {
 protected:
  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(PolicyFilesTest, FileCarriesItsPath) {
  WriteFile(folder_ / "p.yaml", "text");
  const auto files = ReadPolicyFiles((folder_ / "p.yaml").string());
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->at(0).path, (folder_ / "p.yaml").string());
}

TEST_F(PolicyFilesTest, FileOfTheLimitIsRead) {
  WriteFile(folder_ / "p.yaml", std::string(kMaxPolicyFileBytes, ' '));
  EXPECT_TRUE(ReadPolicyFiles((folder_ / "p.yaml").string()).ok());
}

TEST_F(PolicyFilesTest, FileOverTheLimitIsRefused) {
  WriteFile(folder_ / "p.yaml", std::string(kMaxPolicyFileBytes + 1, ' '));
  EXPECT_TRUE(absl::IsResourceExhausted(ReadPolicyFiles((folder_ / "p.yaml").string()).status()));
}

TEST_F(PolicyFilesTest, DirectoryOverTheLimitIsRefused) {
  for (int i = 0; i < 1001; ++i) WriteFile(folder_ / absl::StrCat(i, ".yaml"), "");
  EXPECT_TRUE(absl::IsResourceExhausted(ReadPolicyFiles(folder_.string()).status()));
}

TEST_F(PolicyFilesTest, NothingThereIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadPolicyFiles((folder_ / "none.yaml").string()).status()));
}

TEST_F(PolicyFilesTest, DirectoryWithoutPoliciesIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadPolicyFiles(folder_.string()).status()));
}

TEST_F(PolicyFilesTest, PipeDoesNotBlock) {
  ASSERT_EQ(mkfifo((folder_ / "p.yaml").c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(ReadPolicyFiles((folder_ / "p.yaml").string()).status()));
}

}  // namespace
}  // namespace placer
