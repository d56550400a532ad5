package import Foundation
import Testing

/// What clients send and what they must receive, as text:
///
///     === a story
///     GET /hub/v1/models/acme/whale
///     Authorization: Bearer {ada}
///
///     a request body, if any
///
///     200
///     ETag: "1"
///
///     {"name": "whale", "...": true}
///
/// A status of 400 and more may be followed by the dialect's code for it. Only the headers that are written
/// are compared; without a body in the text any is right. `{word}` stands for a value that is known,
/// or is learnt at its first sight in an answer; `{sha:text}` for the hexadecimal SHA-256 of a text;
/// `{*}` for anything. JSON is compared as JSON, and `"...": true` allows further keys. `LATER 60` in
/// place of a request turns the clock by a minute, and `DO something` asks the test for what no client
/// can do.
package struct Conversation: Sendable, CustomStringConvertible {
    package let name: String
    package let exchanges: [Exchange]
    package var description: String { name }

    package struct Exchange: Sendable {
        package let story: String
        package let request: String
        package let headers: [(String, String)]
        package let body: String
        package let status: Int
        package let code: String?
        package let answerHeaders: [(String, String)]
        package let answerBody: String?

        package var method: String { String(request.prefix { $0 != " " }) }
        package var target: String { String(request.dropFirst(method.count + 1)) }
    }

    package struct Malformed: Error, CustomStringConvertible { package let description: String }

    package init(name: String, text: String) throws {
        self.name = name
        exchanges = try ("\n" + text).components(separatedBy: "\n=== ").dropFirst().map { part in
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            return try Self.exchange(lines[0], lines.dropFirst()[...], in: name)
        }
    }

    private static func exchange(_ story: String, _ lines: ArraySlice<String>, in file: String) throws -> Exchange {
        var lines = lines.drop { $0.isEmpty }
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard let request = lines.popFirst() else { throw Malformed(description: "\(file): '\(story)' has no request") }
        if request.hasPrefix("LATER ") || request.hasPrefix("DO ") {
            return Exchange(story: story, request: request, headers: [], body: "", status: 0, code: nil, answerHeaders: [], answerBody: nil)
        }
        let headers = try takeHeaders(&lines, file, story)
        guard let place = lines.firstIndex(where: { $0.wholeMatch(of: /[1-5][0-9][0-9]( [A-Za-z-]+)?/) != nil }) else {
            throw Malformed(description: "\(file): '\(story)' has no answer")
        }
        let body = lines[..<place].drop { $0.isEmpty }.joined(separator: "\n")
        let status = lines[place].split(separator: " ")
        lines = lines[(place + 1)...]
        let answerHeaders = try takeHeaders(&lines, file, story)
        return Exchange(
            story: story, request: request, headers: headers, body: body.hasSuffix("\n") ? String(body.dropLast()) : body,
            status: Int(status[0]) ?? 0, code: status.count > 1 ? String(status[1]) : nil, answerHeaders: answerHeaders,
            answerBody: lines.isEmpty ? nil : lines.joined(separator: "\n"))
    }

    /// Up to and with the empty line behind them.
    private static func takeHeaders(_ lines: inout ArraySlice<String>, _ file: String, _ story: String) throws -> [(String, String)] {
        var headers: [(String, String)] = []
        while let line = lines.popFirst(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { throw Malformed(description: "\(file): '\(story)': '\(line)' is no header") }
            headers.append((String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)))
        }
        return headers
    }

    /// The conversations of a suite: every text file of a folder.
    package static func all(in folder: URL?) throws -> [Conversation] {
        guard let folder else { throw Malformed(description: "there is no folder of conversations") }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }
            .map { try Conversation(name: $0.deletingPathExtension().lastPathComponent, text: String(contentsOf: $0, encoding: .utf8)) }
    }

    /// Plays it against a server and compares every answer.
    /// - Parameters:
    ///   - refusal: what a refusal of this dialect must say of its code.
    ///   - perform: does what stands behind `DO`.
    package func hold(
        with server: DialectServer, _ known: inout Known, refusal: (HTTPProbe.Answer, Exchange) throws -> Void,
        perform: (String) async throws -> Void = { throw Malformed(description: "nobody does '\($0)' here") }
    ) async throws {
        for exchange in exchanges {
            if exchange.method == "LATER" {
                server.test.clock.turn(seconds: Int64(exchange.target) ?? 0)
                continue
            }
            if exchange.method == "DO" {
                try await perform(exchange.target)
                continue
            }
            let answer = try await HTTPProbe.ask(
                port: server.port, known.fill(exchange.target), method: exchange.method,
                headers: exchange.headers.map { ($0, try known.fill($1)) }, body: Array(known.fill(exchange.body).utf8))
            try Self.compare(answer, exchange, &known, refusal)
        }
    }

    private static func compare(
        _ answer: HTTPProbe.Answer, _ exchange: Exchange, _ known: inout Known, _ refusal: (HTTPProbe.Answer, Exchange) throws -> Void
    ) throws {
        let story = "\(exchange.story): \(exchange.request)"
        #expect(answer.status == exchange.status, "\(story) answered \(answer.text.prefix(400))")
        guard answer.status == exchange.status else { return }
        for (name, value) in exchange.answerHeaders {
            let found = answer[name]
            #expect(try known.matches(found ?? "(none)", value), "\(story): \(name) is \(found ?? "absent")")
        }
        if exchange.method == "HEAD" || answer.status == 204 || answer.status == 304 { #expect(answer.body.isEmpty, "\(story)") }
        if answer.status >= 400, exchange.code != nil || !answer.body.isEmpty { try refusal(answer, exchange) }
        guard let expected = exchange.answerBody else { return }
        if answer["Content-Type"]?.contains("ndjson") != true, answer["Content-Type"]?.contains("json") == true {
            let difference = try known.difference(JSONValue(answer.text), JSONValue(known.fillKnown(expected)))
            #expect(difference == nil, "\(story): \(difference ?? "")")
        } else {
            #expect(try known.matches(answer.text.withoutLastNewlines, expected), "\(story) answered \(answer.text.prefix(400))")
        }
    }
}

extension String {
    /// The text of a conversation does not say with how many an answer ends.
    fileprivate var withoutLastNewlines: String { String(self[..<(lastIndex { $0 != "\n" }.map(index(after:)) ?? startIndex)]) }
}
