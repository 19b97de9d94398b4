-- Forward authentication for Apache 2.4: mod_lua asks portvakt-api whether a
-- request may go on, and decides nothing itself. Copy to
-- /etc/apache2/portvakt.lua, root:root 0644. One function a location of
-- api.conf(5), named in LuaHookAccessChecker.
local unix = require "socket.unix"

local SOCKET = "/run/portvakt-api/api.sock"
local TIMEOUT_S = 3
local HEADERS_MAX = 64

function kompis(r)
	return portvakt(r, "/auth/kompis")
end

-- The certificate that the client showed, written as in a URL, or nil.
local function certificate(r)
	local pem = r:ssl_var_lookup("SSL_CLIENT_CERT")
	if not pem or pem == "" then
		return nil
	end
	return (pem:gsub("[^%w]", function(c)
		return ("%%%02X"):format(c:byte())
	end))
end

-- What the web server knows of the request, as GET of the location.
local function question(r, location)
	local lines = {
		"GET " .. location .. " HTTP/1.1", "Host: localhost",
		"Connection: close",
		"X-Original-Method: " .. r.method,
		"X-Original-URI: " .. r.unparsed_uri,
	}
	local shown = {
		["Authorization"] = r.headers_in["Authorization"],
		["DPoP"] = r.headers_in["DPoP"],
		["X-Portvakt-Client-Cert"] = certificate(r),
	}
	for name, value in pairs(shown) do
		lines[#lines + 1] = name .. ": " .. value
	end
	return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- The status and the headers of the answer, or nil and why there is none.
local function read_answer(connection)
	local line, why = connection:receive("*l")
	local status = line and line:match("^HTTP/1%.1 (%d%d%d) ")
	if not status then
		return nil, why or "no HTTP"
	end
	local headers = {}
	for _ = 1, HEADERS_MAX do
		line, why = connection:receive("*l")
		if line == "" then
			return tonumber(status), headers
		end
		local name, value = (line or ""):match("^([%w-]+):%s*(.*)$")
		if not name then
			return nil, why or "no header"
		end
		headers[name:lower()] = value
	end
	return nil, "too many headers"
end

local function ask(r, location)
	local connection = unix.stream()
	connection:settimeout(TIMEOUT_S, "t")
	local status, headers
	local done, why = connection:connect(SOCKET)
	if done then
		done, why = connection:send(question(r, location))
	end
	if done then
		status, headers = read_answer(connection)
		why = headers
	end
	connection:close()
	return status, why
end

-- Whatever the client sent under this name, or under one that a service which
-- takes - and _ for the same would read as this.
local function say(r, name, value)
	for _, first in ipairs { "-", "_" } do
		for _, second in ipairs { "-", "_" } do
			r.headers_in["X" .. first .. "Remote" .. second ..
				name] = nil
		end
	end
	r.headers_in["X-Remote-" .. name] = value
end

function portvakt(r, location)
	local status, headers = ask(r, location)
	if status == 204 then
		-- What the client names there is taken away before the service
		-- sees it, also what is said here.
		r.headers_in["Connection"] = nil
		r.user = headers["x-portvakt-account"]
		say(r, "User", headers["x-portvakt-account"])
		say(r, "Groups", headers["x-portvakt-groups"])
		-- The token has done its work.
		r.headers_in["Authorization"] = nil
		return apache2.OK
	end
	if status == 401 or status == 403 then
		r.err_headers_out["WWW-Authenticate"] =
			headers["www-authenticate"]
		return status
	end
	r:err("portvakt-api: " .. (status or headers))
	return 503
end
