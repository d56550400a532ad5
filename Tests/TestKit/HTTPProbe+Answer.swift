extension HTTPProbe {
    package struct Answer: Sendable {
        package let status: Int
        /// In order, names as they came.
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]
        package var text: String { String(decoding: body, as: UTF8.self) }
        package subscript(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    /// One request on a connection of its own.
    package static func ask(
        port: Int, _ target: String, method: String = "GET", headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> Answer {
        let probe = try await connect(port: port)
        defer { probe.close() }
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method) { head += "Content-Length: \(body.count)\r\n" }
        try await probe.send(Array((head + "\r\n").utf8) + body)
        return try await probe.answer(toHead: method == "HEAD")
    }

    /// Reads one whole answer off the connection; interim ones (1xx) come as answers of their own.
    package func answer(toHead: Bool = false) async throws -> Answer {
        let (status, headers) = try await head()
        func value(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
        var body: [UInt8] = []
        if toHead || status < 200 || status == 204 || status == 304 {
            // No body by definition.
        } else if value("transfer-encoding")?.lowercased() == "chunked" {
            while true {
                let line = try await line()
                guard let size = Int(line.prefix { $0 != ";" }, radix: 16) else { throw Failure.unreadable("chunk size '\(line)'") }
                body += try await take(size)
                _ = try await take(2)
                if size == 0 { break }
            }
        } else if let length = value("content-length").flatMap({ Int($0) }) {
            body = try await take(length)
        } else {
            body = try await receiveToEnd()
        }
        return Answer(status: status, headers: headers, body: body)
    }

    /// Reads up to the empty line and no further.
    package func head() async throws -> (status: Int, headers: [(name: String, value: String)]) {
        let first = try await line()
        let parts = first.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else { throw Failure.unreadable("'\(first)'") }
        var headers: [(name: String, value: String)] = []
        while true {
            let line = try await line()
            if line.isEmpty { return (status, headers) }
            guard let colon = line.firstIndex(of: ":") else { throw Failure.unreadable("'\(line)'") }
            headers.append((String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " })))
        }
    }

    /// Exactly `count` bytes.
    package func take(_ count: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let part = try await receive(upTo: min(count - bytes.count, 1 << 20))
            if part.isEmpty { throw Failure.closed(afterBytes: bytes.count) }
            bytes += part
        }
        return bytes
    }

    private func line() async throws -> String {
        while true {
            if let end = pending[start...].firstIndex(of: 0x0A) {
                var line = pending[start..<end]
                start = end + 1
                if line.last == 0x0D { line.removeLast() }
                return String(decoding: line, as: UTF8.self)
            }
            let held = Array(pending[start...])
            start = pending.count
            let part = try await receive()
            if part.isEmpty { throw Failure.closed(afterBytes: held.count) }
            pending = held + part
            start = 0
        }
    }
}
