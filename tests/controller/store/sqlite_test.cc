#include "controller/store/sqlite.h"

#include "tests/controller/store/store_fixture.h"

namespace placer {
namespace {

class SqliteTest : public StoreTest {
 protected:
  SqliteDatabase OpenDatabase() { return *SqliteDatabase::Open(Path("plain.db")); }
};

TEST_F(SqliteTest, TimesAreMicrosecondsAndTheInfiniteOnesAreNull) {
  SqliteDatabase database = OpenDatabase();
  auto query = database.Prepare("SELECT ?, ?, ?");
  ASSERT_TRUE(query.ok());
  query->BindTime(At(0.25)).BindTime(absl::InfiniteFuture()).BindTime(absl::InfinitePast());
  ASSERT_TRUE(*query->Step());
  EXPECT_EQ(query->Integer(0), 1795560372250000);
  EXPECT_EQ(query->Time(0), At(0.25));
  EXPECT_TRUE(query->IsNull(1));
  EXPECT_TRUE(query->IsNull(2));
  EXPECT_EQ(query->Time(1), absl::InfinitePast());
}

TEST_F(SqliteTest, TextKeepsNulBytes) {
  SqliteDatabase database = OpenDatabase();
  auto query = database.Prepare("SELECT ?");
  ASSERT_TRUE(query.ok());
  const std::string text("a\0b", 3);
  query->BindText(text);
  ASSERT_TRUE(*query->Step());
  EXPECT_EQ(query->Text(0), text);
}

TEST_F(SqliteTest, AFullDiskIsResourceExhausted) {
  SqliteDatabase database = OpenDatabase();
  ASSERT_TRUE(database.Execute("CREATE TABLE t(x); PRAGMA max_page_count=3").ok());
  const absl::Status full = database.Execute("INSERT INTO t VALUES(zeroblob(100000))");
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
}

TEST_F(SqliteTest, AReadOnlyDatabaseIsUnavailable) {
  SqliteDatabase database = OpenDatabase();
  ASSERT_TRUE(database.Execute("CREATE TABLE t(x); PRAGMA query_only=1").ok());
  const absl::Status refused = database.Execute("INSERT INTO t VALUES(1)");
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
}

TEST_F(SqliteTest, AFolderInPlaceOfTheFileIsUnavailable) {
  EXPECT_TRUE(absl::IsUnavailable(SqliteDatabase::Open(folder_.path()).status()));
}

TEST_F(SqliteTest, AnUncommittedTransactionLeavesNothing) {
  SqliteDatabase database = OpenDatabase();
  ASSERT_TRUE(database.Execute("CREATE TABLE t(x)").ok());
  {
    auto transaction = SqliteTransaction::Begin(database);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(database.Execute("INSERT INTO t VALUES(1)").ok());
  }
  EXPECT_EQ(*database.QueryInteger("SELECT count(*) FROM t"), 0);
}

TEST_F(SqliteTest, AStatementWithTooManyParametersFails) {
  SqliteDatabase database = OpenDatabase();
  auto query = database.Prepare("SELECT ?");
  ASSERT_TRUE(query.ok());
  EXPECT_FALSE(query->BindInteger(1).BindInteger(2).Step().ok());
}

}  // namespace
}  // namespace placer
