import Core
import Foundation
import Glibc

/// Small files that a command reads and writes where its user says.
enum LocalText {
    /// Throws `tooLarge` above `limit` bytes.
    static func read(_ location: String, limit: Int) throws -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: location) else {
            throw HubError(.unknownFile, "cannot read '\(FilePath.printable(location))': \(String(cString: strerror(errno)))")
        }
        guard let data = try file.read(upToCount: limit + 1) else { return [] }
        guard data.count <= limit else { throw HubError(.tooLarge, "'\(FilePath.printable(location))' has more than \(limit) bytes") }
        return [UInt8](data)
    }

    /// Whole or not at all.
    static func write(_ bytes: [UInt8], to location: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: location), options: .atomic)
        } catch {
            throw HubError(.unavailable, "cannot write '\(FilePath.printable(location))': \(error.localizedDescription)")
        }
    }
}

/// Where an archive is written: standard output, or a file that gets its name when it is whole.
final class ArchiveTarget: Sendable {
    let descriptor: Int32
    private let location: String?
    private var partial: String { "\(location ?? "").partial" }

    init(_ location: String?) throws {
        self.location = location
        guard let location else {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw HubError(.invalidRequest, "an archive is not for the screen: name a file with -o, or send it through a pipe")
            }
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open("\(location).partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw HubError(.unavailable, "cannot write '\(FilePath.printable(location))': \(String(cString: strerror(errno)))")
        }
    }

    deinit { if location != nil { close(descriptor) } }

    func finish() throws {
        guard let location else { return }
        guard rename(partial, location) == 0 else {
            throw HubError(.unavailable, "cannot write '\(FilePath.printable(location))': \(String(cString: strerror(errno)))")
        }
    }
}
