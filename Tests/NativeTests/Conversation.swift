import Foundation

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
/// A status of 400 and more is followed by the problem's code. Only the headers that are written
/// are compared; without a body in the text any is right. `{word}` stands for a value that is known,
/// or is learnt at its first sight in an answer; `{sha:text}` for the hexadecimal SHA-256 of a text;
/// `{*}` for anything. JSON is compared as JSON, and `"...": true` allows further keys. `LATER 60` in
/// place of a request turns the clock by a minute.
struct Conversation: Sendable, CustomStringConvertible {
    let name: String
    let exchanges: [Exchange]
    var description: String { name }

    struct Exchange: Sendable {
        let story: String
        let request: String
        let headers: [(String, String)]
        let body: String
        let status: Int
        let code: String?
        let answerHeaders: [(String, String)]
        let answerBody: String?

        var method: String { String(request.prefix { $0 != " " }) }
        var target: String { String(request.dropFirst(method.count + 1)) }
    }

    struct Malformed: Error, CustomStringConvertible { let description: String }

    init(name: String, text: String) throws {
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
        if request.hasPrefix("LATER ") {
            return Exchange(story: story, request: request, headers: [], body: "", status: 0, code: nil, answerHeaders: [], answerBody: nil)
        }
        let headers = try takeHeaders(&lines, file, story)
        guard let place = lines.firstIndex(where: { $0.wholeMatch(of: /[1-5][0-9][0-9]( [a-z-]+)?/) != nil }) else {
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

    static func all() throws -> [Conversation] {
        guard let folder = Bundle.module.url(forResource: "Conversations", withExtension: nil) else {
            throw Malformed(description: "there is no folder of conversations")
        }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }
            .map { try Conversation(name: $0.deletingPathExtension().lastPathComponent, text: String(contentsOf: $0, encoding: .utf8)) }
    }
}
