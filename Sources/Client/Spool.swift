import Core
import Foundation
import Glibc

/// A folder for temporary files, removed with all that is in it when it is let go.
final class Spool: Sendable {
    let folder: String

    init() throws(HubError) {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(parent)/grayling-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure.last("cannot make a temporary folder in", parent) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // What cannot be removed is left to the system's own cleaning of temporary folders.
        try? FileManager.default.removeItem(atPath: folder)
    }

    func location(_ number: Int) -> String { "\(folder)/\(number)" }
}
