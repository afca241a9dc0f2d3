-- For the assembled scripts (npm run check:lua), since an include alone uses what its neighbours define.
std = "lua51"
read_globals = { "redis", "KEYS", "ARGV", "struct" }
-- Part of Lua 5.1, but not there inside Redis. cjson, cmsgpack and bit are left out on purpose: payloads pass through
-- Lua as opaque bytes, and ioredis-mock has none of these. It has no struct either: that is only the quick way to take
-- values apart, where it is there.
not_globals = { "collectgarbage", "debug", "dofile", "io", "loadfile", "module", "os", "package", "print", "require" }
max_line_length = 120
