#include "controller/store/identity.h"

#include <algorithm>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace placer {
namespace {

constexpr std::size_t kOwnerIdDigits = 16;

bool IsOwnerId(const std::string& text) {
  return text.size() == kOwnerIdDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

std::string DrawOwnerId() {
  std::random_device device;
  return absl::StrFormat("%08x%08x", device() & 0xffffffffU, device() & 0xffffffffU);
}

absl::StatusOr<std::string> ReadOwnerId(SqliteDatabase& database) {
  absl::StatusOr<SqliteStatement> query = database.Prepare("SELECT owner_id FROM identity");
  if (!query.ok()) return query.status();
  const absl::StatusOr<bool> row = query->Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError("no owner id was drawn yet");
  std::string id = query->Text(0);
  if (!IsOwnerId(id)) return absl::DataLossError("the store holds an impossible owner id");
  return id;
}

absl::StatusOr<std::string> KeepOwnerId(SqliteDatabase& database, const std::string& drawn) {
  absl::StatusOr<std::string> id = ReadOwnerId(database);
  if (!absl::IsNotFound(id.status())) return id;
  absl::StatusOr<SqliteStatement> insert = database.Prepare("INSERT INTO identity VALUES(1,?)");
  if (!insert.ok()) return insert.status();
  if (absl::Status done = insert->BindText(drawn).Run(); !done.ok()) return done;
  return drawn;
}

}  // namespace placer
