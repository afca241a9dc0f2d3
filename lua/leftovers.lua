--- Says which of some jobs, or members of an index, do not fit the live jobs, each at one instant; removes them if told
-- to.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 what             'job' for jobs; 'user', 'status' or 'expiry' for members of that index
--   3 user             whose list it is
--   4 status           whose list by status it is
--   5 remove           1 to remove them
--   6 ids …            of jobs
-- reply: a tag, then
--   DONE      the ids that do not fit
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include entry-at
--- @include log
--- @include stream-ids
--- @include places
local failure = openLog(ARGV[1])
if failure then return failure end
local what, userId, status, isRemoving = ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1'
local trimmed = redis.call('HGET', keyMeta, 'trimmed') or '0'
local reply = { 'DONE' }

local key = what == 'expiry' and keyExpiry or what == 'user' and keyOfUser(userId)
  or what == 'status' and keyOfUserStatus(userId, status)

--- It was when the caller looked, but writers go on.
local function isThere(id)
  if what == 'job' then return redis.call('EXISTS', keyOfJob(id)) == 1 end
  return redis.call('ZSCORE', key, id)
end

--- An ended job may outlive its events until the next compaction.
local function fitsLog(id, event, isLive)
  if not event or not isStreamId(event) then return false end
  local entry = entryAt(event)
  if entry then return entry[2][6] == id end
  return not isLive and not isAfter(event, trimmed)
end

for index = 6, #ARGV do
  local id = ARGV[index]
  local job = redis.pcall('HMGET', keyOfJob(id), '@event', 'userId', 'status')
  if job.err then job = {} end
  local fits
  if not isThere(id) then
    fits = true
  elseif what == 'job' then
    fits = fitsLog(id, job[1], job[3])
  else
    fits = job[3] and (what == 'expiry' or (job[2] == userId and (what == 'user' or job[3] == status)))
  end
  if not fits then
    reply[#reply + 1] = id
    if isRemoving then
      if what == 'job' then
        leavePlaces(id, job[2] or nil, job[3] or nil)
        redis.call('DEL', keyOfJob(id))
      else
        redis.call('ZREM', key, id)
      end
    end
  end
end
return reply
