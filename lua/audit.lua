--- Says what is kept of some jobs of one partition, and what the log says of them, each job at one instant.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 through          number of an event: what is given goes back to one at or before it that stands for the whole job
--   3 limit            events a job
--   4 jobs …           four each: id, its newest event as far as is known ('' for none), user and status by which to
--                      look for its entries ('' for those that its hash says)
-- reply: a tag, then
--   DONE      for each job: the number of hash fields and values, these, its entries in the user's list, the list by
--             status and the expiry queue ('' for none), the event before the last one that is given ('' if no more are
--             wanted), the number of events, these, each as lib/entry.lua says
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
--- @include entry
--- @include chain
--- @include score
local failure = openLog(ARGV[1])
if failure then return failure end
local through, limit = tonumber(ARGV[2]), tonumber(ARGV[3])
local reply = { 'DONE' }

for index = 4, #ARGV, 4 do
  local id, inLog, userId, status = ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3]
  local hash = redis.pcall('HGETALL', keyOfJob(id))
  if hash.err then hash = {} end
  local at = #reply + 1
  reply[at] = #hash
  local named = {}
  for field = 1, #hash, 2 do
    reply[at + field], reply[at + field + 1] = hash[field], hash[field + 1]
    named[hash[field]] = hash[field + 1]
  end
  at = at + #hash
  if userId == '' then userId, status = named.userId or '', named.status or '' end
  reply[at + 1] = scoreOf(keyOfUser(userId), id)
  reply[at + 2] = scoreOf(keyOfUserStatus(userId, status), id)
  reply[at + 3] = scoreOf(keyExpiry, id)
  reply[at + 4], reply[at + 5] = '', 0
  local count, before = pushChain(reply, id, newestOf(id, named['@event'] or '', inLog), through, limit)
  reply[at + 4], reply[at + 5] = before, count
end
return reply
