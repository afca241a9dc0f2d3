--- Applies a batch of plain changes to jobs of one partition, in order: each sets one field of a live job on which no
-- list, count or queue hangs, with no guard. Most batches are of these alone, and this is the quick way for them: what
-- apply.lua would do, without a table for a command.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 writer           id of the sender
--   3 batch            this writer's number of it: 1, 2, 3, …
--   4 acknowledged     newest batch of this writer whose outcomes have reached it
--   5 least            least batch that it waits for
--   6 event            newest one of its batches that it knows; '' for none
--   7 renewal          1 if the time for which outcomes are kept is to begin anew
--   8 frames           the changes, packed (lib/take.lua): type, job, newest event of the state that the sender holds,
--                      meta, data, name and value in the hash
--   9 long …           values too long for the frames
-- reply: a tag, then
--   DONE      outcomes (one a line, as apply.lua has them: A, J, N or E), then the states of all J
--   AGAIN     outcomes, of a batch that was applied before
--   EARLY     newest batch: the ones between have not arrived
--   REWOUND   newest batch: the server lost some that it had acknowledged
--   FORGOTTEN nothing: the server forgot the writer, and lost none of its events
--   FORMAT    the format that the store has; '' where there is no store
--   TORN      the log is to be mended first: lua/mend.lua
-- events appended: those of the changes
local framesAt = 8
--- @include keys
--- @include clock
--- @include head
--- @include append
--- @include state
--- @include take
--- @include batch
local refusal = beginBatch()
if refusal then return refusal end
local reply, sent = { 'DONE', '' }, {}

local isShort = struct and #ARGV == framesAt
local LAYOUT = 'Bc0Bc0Bc0Bc0Bc0Bc0Bc0'

--- The seven values of a change: with one call, where none of the frames' values is an argument by itself.
local function takeChange()
  if not isShort then return take(), take(), take(), take(), take(), take(), take() end
  local type, id, known, meta, data, name, value, next = struct.unpack(LAYOUT, frames, frameAt)
  frameAt = next
  return type, id, known, meta, data, name, value
end

--- @return the outcome of what was not applied; an applied one notes its own
local function changeOne(type, id, known, meta, data, name, value)
  local key = keyOfJob(id)
  local head, version = readHead(key)
  if not head then return unreadable(version) end
  if not head[3] or isDue(head[5]) then return 'N' end
  local before, versionText = head[2], string.format('%d', version + 1)
  local event = appendEvent(type, id, head[4], versionText, before, '', meta, data)
  redis.call('HSET', key, '@version', versionText, '@event', event, name, value == '\193@' and '\193' .. event or value)
  if (sent[id] or known) == before then
    noteApplied('A ', versionText, event)
  else
    noteApplied('J ', versionText, event)
    pushState(reply, id)
  end
  sent[id] = event
  return nil
end

while frameAt <= #frames do
  local line = changeOne(takeChange())
  if line then outcomes[#outcomes + 1] = line .. '\n' end
end
reply[2] = endBatch()
return reply
