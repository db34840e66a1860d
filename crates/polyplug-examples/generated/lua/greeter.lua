-- The plugin `greeter` in Lua.

local api = require "guest"

local Polite = {}
Polite.__index = Polite

-- Makes what the functions get as `self`.
function Polite.create_() return setmetatable({ journal = api.JournalCaller() }, Polite) end

function Polite.destroy_(self) api.close(self.journal) end

function Polite:greet(name, style)
  if name == "" then error { code = 300, message = "whom shall I greet?" } end
  local loud = style.tone == api.Tone.Loud
  local greeting = loud and "HELLO, " .. name:upper() .. "!" or "Hello, " .. name .. "."
  return greeting:rep(style.times, " ")
end

function Polite:greet_all(names)
  local greetings = {}
  for number, name in ipairs(names) do
    self.journal:write("greeted " .. name)
    greetings[number] = self:greet(name, { tone = api.Tone.Plain, times = 1 })
  end
  return greetings
end

return api.bundle { greeter = Polite }
