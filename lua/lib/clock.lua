--- The server's clock, read once (it moves within a script), and ISO 8601 as job hashes hold it.
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

--- Milliseconds since 1970 as ISO 8601, for years of four digits: what the server's clock says. (Numbers that are too
-- large for 32 bits begin with a fraction, here 864e5 and 24.0: there are Luas whose whole numbers have no more.)
local function isoOf(ms)
  local days = math.floor(ms / 86400000)
  local rest = ms - days * 864e5
  local day = days + 719468
  local era = math.floor(day / 146097)
  day = day - era * 146097
  local year = math.floor((day - math.floor(day / 1460) + math.floor(day / 36524) - math.floor(day / 146096)) / 365)
  day = day - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * day + 2) / 153)
  day = day - math.floor((153 * month + 2) / 5) + 1
  month = month < 10 and month + 3 or month - 9
  year = year + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', year, month, day, math.floor(rest / 3600000),
    math.floor(rest / 60000) % 60, math.floor(rest / 1000) % 60, rest % 1000)
end

--- ISO 8601 of any year as milliseconds since 1970; nil if it is none.
local function msOf(iso)
  local year, month, day, hours, minutes, seconds, ms =
    string.match(iso, '^([+-]?%d+)-(%d%d)-(%d%d)T(%d%d):(%d%d):(%d%d)%.(%d%d%d)Z$')
  if not year then return nil end
  year, month = tonumber(year), tonumber(month)
  if month <= 2 then year, month = year - 1, month + 12 end
  local era = math.floor(year / 400)
  local inEra = year - era * 400
  local days = era * 146097 + inEra * 365 + math.floor(inEra / 4) - math.floor(inEra / 100)
    + math.floor((153 * (month - 3) + 2) / 5) + day - 1 - 719468
  ms = ((days * 24.0 + hours) * 60 + minutes) * 60000 + seconds * 1000 + ms
  -- A year of hundreds of digits comes to no number at all; JavaScript's dates end at this one.
  if ms ~= ms or math.abs(ms) > 8.64e15 then return nil end
  return ms
end

local nowIso

--- Whether a time has come. Years before 0 and after 9999 begin with a sign; the rest compare as text.
local function isDue(iso)
  nowIso = nowIso or isoOf(nowMs)
  local first = string.byte(iso)
  return first == 45 or (first ~= 43 and iso <= nowIso)
end
