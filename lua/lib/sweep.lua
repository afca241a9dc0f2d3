--- Jobs that one call ends at most where nobody says fewer, so that none holds Redis for long: 100 take some 2 ms.
-- src/upkeep/sweeper.ts says the same; a test holds the two together.
local SWEEP_LIMIT = 100

--- Ends up to `limit` jobs whose time has come, each with one `expired` event. Only after drift: an entry that no live
-- job stands behind is taken out, one whose job was renewed is put right, a job that can't be read is left to verify().
-- @return how many jobs ended, whether others are still due, and what is wrong with one that is
local function sweepDue(limit)
  local due = redis.call('ZRANGEBYSCORE', keyExpiry, '-inf', nowMs, 'LIMIT', 0, limit + 1)
  local ended, stuck = 0, nil
  for index = 1, math.min(#due, limit) do
    local job, wrong = readJob(due[index])
    wrong = wrong or (job.status and checkPlaces(job.userId, job.status))
      or (job.status and not msOf(job.expiresAt) and job.key .. ': its expiresAt is no date')
    if wrong then
      stuck = wrong
    elseif not job.status then
      redis.call('ZREM', keyExpiry, job.id)
    elseif not job.isDue then
      redis.call('ZADD', keyExpiry, msOf(job.expiresAt), job.id)
    else
      endJob(job, 'e', '')
      keepSequence()
      ended = ended + 1
    end
  end
  if stuck and ended == 0 and #due > limit then error(stuck) end
  return ended, #due > limit, stuck
end
