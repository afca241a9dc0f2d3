--- @include is-count
--- A transaction that Redis cut off in the middle of a command, as it loaded its append-only file after a crash, comes
-- back in part with the next start: the file keeps the commands before the cut, and they run with the first transaction
-- after them (Redis 6.2 to 8, Valkey before 2026-08; test/faults/torn-aof). Its events then stand in the log before
-- others of the same numbers, and what else it did is done as well. So whoever goes on from the log counts it first.
-- @param fields of meta; others: entries that were looked at, and are no events
-- @return whether the log has not as many entries as its numbers say, or is being mended since it had not
local function isTorn(sequenceKept, trimmed, others, mending)
  if mending then return true end
  local length = redis.pcall('XLEN', keyEvents)
  if type(length) ~= 'number' or not isCount(sequenceKept) or not isCount(trimmed) then return false end
  return length ~= sequenceKept - trimmed + (tonumber(others) or 0)
end
