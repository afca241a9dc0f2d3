--- The lists by user, the expiry queue and the counts: what is kept beside a job's hash.
local function leave(job)
  local places = placesOf(job.userId, job.status)
  redis.call('ZREM', places.user, job.id)
  redis.call('ZREM', places.userStatus, job.id)
  redis.call('ZREM', keyExpiry, job.id)
  redis.call('HINCRBY', keyCounts, job.status, -1)
end

--- Takes a job from its place to another; '' in the move stands for what does not change.
local function moveTo(job, move)
  local userId = move.userId ~= '' and move.userId or job.userId
  local status = move.status ~= '' and move.status or job.status
  local createdMs = move.createdMs ~= '' and move.createdMs or msOf(job.createdAt)
  local from, to = placesOf(job.userId, job.status), placesOf(userId, status)
  if from.user ~= to.user then redis.call('ZREM', from.user, job.id) end
  if from.user ~= to.user or move.createdMs ~= '' then redis.call('ZADD', to.user, createdMs, job.id) end
  if from ~= to then redis.call('ZREM', from.userStatus, job.id) end
  redis.call('ZADD', to.userStatus, createdMs, job.id)
  if status ~= job.status then
    redis.call('HINCRBY', keyCounts, job.status, -1)
    redis.call('HINCRBY', keyCounts, status, 1)
  end
  if move.expiresMs ~= '' then redis.call('ZADD', keyExpiry, move.expiresMs, job.id) end
end
