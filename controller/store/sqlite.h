// SQLite in three small owning types: a connection, a prepared statement and a transaction. They add nothing
// but lifetimes, absl::Status and the storage form of time (microseconds since the Unix epoch; NULL for the
// infinite past and future, which read back as the infinite past). One connection belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace placer {

// Binds parameters in their order, then steps. The first failing bind is reported by the next Step or Run.
class SqliteStatement {
 public:
  SqliteStatement& BindInteger(std::int64_t value);
  SqliteStatement& BindReal(double value);
  SqliteStatement& BindText(const std::string& value);
  SqliteStatement& BindTime(absl::Time value);
  SqliteStatement& BindNull();

  // True: a row can be read. False: no more rows, and the statement may be bound again.
  absl::StatusOr<bool> Step();
  // Runs a statement without rows to its end; it may be bound again afterwards.
  absl::Status Run();

  // Columns of the row at hand, from 0.
  bool IsNull(int column) const;
  std::int64_t Integer(int column) const;
  double Real(int column) const;
  std::string Text(int column) const;
  absl::Time Time(int column) const;

 private:
  friend class SqliteDatabase;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  void Keep(int code);
  void Rewind();

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  int next_parameter_ = 1;
  int bind_error_ = 0;
};

class SqliteDatabase {
 public:
  // Opens or creates the file: WAL, synchronous=NORMAL. Waits up to 2 s for a lock, but not where a
  // transaction that began with a read comes to write. DataLoss: not a database. Unavailable: cannot be
  // opened, read or written now. ResourceExhausted: the disk is full.
  static absl::StatusOr<SqliteDatabase> Open(const std::string& path);

  // One or more statements without parameters; rows are dropped.
  absl::Status Execute(const std::string& sql);
  absl::StatusOr<SqliteStatement> Prepare(const std::string& sql);
  // The single integer that this query answers.
  absl::StatusOr<std::int64_t> QueryInteger(const std::string& sql);

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  explicit SqliteDatabase(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Closer> database_;
};

// Rolls back unless committed. Takes its lock with the first statement, so that one without any costs
// nothing. `database` outlives it.
class SqliteTransaction {
 public:
  static absl::StatusOr<SqliteTransaction> Begin(SqliteDatabase& database);
  absl::Status Commit();

  SqliteTransaction(SqliteTransaction&& other) noexcept;
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

 private:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(&database) {}
  SqliteDatabase* database_;
};

}  // namespace placer
