-- For the assembled scripts (npm run check:lua), since an include alone uses what its neighbours define.
std = "lua51"
read_globals = { "redis", "KEYS", "ARGV" }
-- Part of Lua 5.1, but not there inside Redis. cjson, cmsgpack, bit and struct are left out on purpose: payloads pass
-- through Lua as opaque bytes, and ioredis-mock has none of these.
not_globals = { "collectgarbage", "debug", "dofile", "io", "loadfile", "module", "os", "package", "print", "require" }
max_line_length = 120
