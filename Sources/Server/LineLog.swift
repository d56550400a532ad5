package import Core
import Foundation
package import Logging
import Synchronization

/// The log on standard error, a line an event: for people, or as JSON for machines. Written at
/// once, because standard output would keep it back.
package struct LineLog: LogHandler {
    package enum Format: String, Sendable { case plain, json }

    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let format: Format
    private let clock: @Sendable () -> Instant

    package init(format: Format, level: Logger.Level, clock: @escaping @Sendable () -> Instant) {
        self.format = format
        logLevel = level
        self.clock = clock
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var facts = metadata
        if let more = event.metadata { facts.merge(more) { _, new in new } }
        // The framework's own number; a request's id is the one that its answer carries.
        facts["hb.request.id"] = nil
        let line =
            switch format {
            case .plain: plain(event, facts)
            case .json: json(event, facts)
            }
        let bytes = Array((line + "\n").utf8)
        // One write a line: lines of several threads do not mix.
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private func plain(_ event: LogEvent, _ facts: Logger.Metadata) -> String {
        let tail = facts.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.oneLine("\($0.value)"))" }.joined()
        return "\(clock()) \(event.level) \(Self.oneLine("\(event.message)"))\(tail)"
    }

    private func json(_ event: LogEvent, _ facts: Logger.Metadata) -> String {
        var object: [String: String] = ["time": "\(clock())", "level": "\(event.level)", "message": "\(event.message)"]
        for (key, value) in facts where object[key] == nil { object[key] = "\(value)" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? "{\"message\":\"unwritable log line\"}"
    }

    /// A line break in what somebody sent must not look like a line of ours.
    private static func oneLine(_ text: String) -> String {
        text.utf8.contains { $0 < 0x20 }
            ? text.unicodeScalars.map { $0.value < 0x20 ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined() : text
    }
}
