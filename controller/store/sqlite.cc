#include "controller/store/sqlite.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

constexpr int kBusyTimeoutMs = 2000;

absl::Status MakeError(int code, const std::string& detail) {
  const std::string message = absl::StrCat("SQLite: ", detail);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return absl::DataLossError(message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOLFS:
    case SQLITE_PROTOCOL:
      return absl::UnavailableError(message);
    default:
      return absl::InternalError(message);
  }
}

absl::Status MakeError(int code, sqlite3* database) {
  const char* words = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  return MakeError(code, std::string(words));
}

}  // namespace

void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteStatement::Keep(int code) {
  if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
  ++next_parameter_;
}

void SqliteStatement::Rewind() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  next_parameter_ = 1;
  bind_error_ = SQLITE_OK;
}

SqliteStatement& SqliteStatement::BindInteger(std::int64_t value) {
  Keep(sqlite3_bind_int64(statement_.get(), next_parameter_, value));
  return *this;
}

SqliteStatement& SqliteStatement::BindReal(double value) {
  Keep(sqlite3_bind_double(statement_.get(), next_parameter_, value));
  return *this;
}

SqliteStatement& SqliteStatement::BindText(const std::string& value) {
  Keep(sqlite3_bind_text64(statement_.get(), next_parameter_, value.data(), value.size(), SQLITE_TRANSIENT,
                           SQLITE_UTF8));
  return *this;
}

SqliteStatement& SqliteStatement::BindTime(absl::Time value) {
  if (value == absl::InfinitePast() || value == absl::InfiniteFuture()) return BindNull();
  return BindInteger(absl::ToUnixMicros(value));
}

SqliteStatement& SqliteStatement::BindNull() {
  Keep(sqlite3_bind_null(statement_.get(), next_parameter_));
  return *this;
}

absl::StatusOr<bool> SqliteStatement::Step() {
  if (bind_error_ != SQLITE_OK) {
    const int code = bind_error_;
    Rewind();
    return MakeError(code, std::string(sqlite3_errstr(code)));
  }
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    Rewind();
    return false;
  }
  absl::Status error = MakeError(code, sqlite3_db_handle(statement_.get()));
  Rewind();
  return error;
}

absl::Status SqliteStatement::Run() {
  for (;;) {
    const absl::StatusOr<bool> row = Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
  }
}

bool SqliteStatement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double SqliteStatement::Real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string SqliteStatement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return "";
  return std::string(reinterpret_cast<const char*>(text),
                     static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

absl::Time SqliteStatement::Time(int column) const {
  return IsNull(column) ? absl::InfinitePast() : absl::FromUnixMicros(Integer(column));
}

void SqliteDatabase::Closer::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

absl::StatusOr<SqliteDatabase> SqliteDatabase::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  SqliteDatabase database(handle);  // SQLite hands out a connection to close even where opening failed
  if (code != SQLITE_OK) return MakeError(code, handle);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  const absl::Status tuned = database.Execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=4194304;"
      "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
      "PRAGMA cache_size=-500");  // KiB; the default is four times as much for each of two
  if (!tuned.ok()) return tuned;
  return database;
}

absl::Status SqliteDatabase::Execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : MakeError(code, database_.get());
}

absl::StatusOr<SqliteStatement> SqliteDatabase::Prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return MakeError(code, database_.get());
  return SqliteStatement(statement);
}

absl::StatusOr<std::int64_t> SqliteDatabase::QueryInteger(const std::string& sql) {
  absl::StatusOr<SqliteStatement> query = Prepare(sql);
  if (!query.ok()) return query.status();
  const absl::StatusOr<bool> row = query->Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError("SQLite: no row for " + sql);
  return query->Integer(0);
}

absl::StatusOr<SqliteTransaction> SqliteTransaction::Begin(SqliteDatabase& database) {
  const absl::Status begun = database.Execute("BEGIN");
  if (!begun.ok()) return begun;
  return SqliteTransaction(database);
}

SqliteTransaction::SqliteTransaction(SqliteTransaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

SqliteTransaction::~SqliteTransaction() {
  // A failed statement may have rolled back already; then this says so, and there is nothing left to undo.
  if (database_ != nullptr) database_->Execute("ROLLBACK").IgnoreError();
}

absl::Status SqliteTransaction::Commit() {
  const absl::Status committed = database_->Execute("COMMIT");
  if (committed.ok()) database_ = nullptr;
  return committed;
}

}  // namespace placer
