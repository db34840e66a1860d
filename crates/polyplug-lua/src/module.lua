-- Makes the module `polyplug` of the loader's functions: what fails becomes an error that is a table.
local polyplug, native = ...
local error, setmetatable, tostring, select, concat = error, setmetatable, tostring, select, table.concat
local call, close, load_file = native.call, native.close, native.load

local Error = {
  __name = "polyplug.Error",
  __tostring = function(self) return tostring(self.message) .. " (code " .. tostring(self.code) .. ")" end,
}

local function checked(ok, value, message, contract)
  if ok then return value end
  error(setmetatable({ code = value, message = message, contract = contract or "polyplug" }, Error), 3)
end

local contract_of = setmetatable({}, { __mode = "k" })
local Contract = { __name = "polyplug.Contract", __metatable = false }
Contract.__index = {
  call = function(self, number, ...) return checked(call(contract_of[self], number, ...)) end,
  close = function(self) close(contract_of[self]) end,
}

for _, kind in ipairs { "guest", "host" } do
  local find = native[kind]
  polyplug[kind] = function(contract, least, signatures)
    local object = setmetatable({}, Contract)
    contract_of[object] = checked(find(contract, least, signatures))
    return object
  end
end

for _, name in ipairs { "log", "provide", "load_bundle", "reload_bundle", "unload_bundle", "bundles" } do
  local run = native[name]
  polyplug[name] = run and function(...) return checked(run(...)) end
end

function _G.print(...)
  local words = {}
  for place = 1, select("#", ...) do words[place] = tostring((select(place, ...))) end
  polyplug.log("info", "print", concat(words, "\t"))
end

local loaded, loading = { polyplug = polyplug }, {}
function _G.require(name)
  local known = loaded[name]
  if known ~= nil then return known end
  if loading[name] then error("the module '" .. name .. "' requires itself", 2) end
  local run = checked(load_file(name))
  loading[name] = true
  local value = run(name)
  loading[name] = nil
  loaded[name] = value == nil and true or value
  return loaded[name]
end
