package import Core
import Foundation
import Glibc

/// Tokens that `grayling login` saved, one per server, in a file that only its owner may read.
package struct Credentials: Sendable {
    private struct Body: Codable {
        struct Entry: Codable {
            var token: String
        }
        var servers: [String: Entry] = [:]
        /// The server of the last login.
        var last: String?
    }
    private let location: String
    private var body: Body

    /// `$XDG_CONFIG_HOME/grayling/credentials.json`, or under `~/.config`.
    package static func standardLocation(environment: [String: String]) -> String {
        let config = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(environment["HOME"] ?? NSHomeDirectory())/.config"
        return "\(config)/grayling/credentials.json"
    }

    /// Reads the file; an absent one holds nothing.
    package init(at location: String) throws(HubError) {
        self.location = location
        guard access(location, F_OK) == 0 else {
            body = Body()
            return
        }
        let bytes = try OpenFile(reading: location).readAll(limit: 1 << 20)
        do { body = try JSONDecoder().decode(Body.self, from: Data(bytes)) } catch {
            throw HubError(
                .invalidRequest, "the saved logins in '\(location)' cannot be read as JSON; remove the file and run 'grayling login' again")
        }
    }

    package func token(for server: ServerAddress) -> String? { body.servers[server.text]?.token }
    package var last: String? { body.last }

    package mutating func save(_ token: String, for server: ServerAddress) throws(HubError) {
        body.servers[server.text] = Body.Entry(token: token)
        body.last = server.text
        try write()
    }

    /// False where there was none.
    package mutating func forget(_ server: ServerAddress) throws(HubError) -> Bool {
        guard body.servers.removeValue(forKey: server.text) != nil else { return false }
        if body.last == server.text { body.last = nil }
        try write()
        return true
    }

    /// Whole or not at all, and never readable by others for a moment.
    private func write() throws(HubError) {
        let folder = location.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw HubError(.unavailable, "cannot make the folder '\(folder)' for saved logins: \(error.localizedDescription)")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do { bytes = [UInt8](try encoder.encode(body)) } catch { throw HubError(.internalError, "saved logins cannot be written as JSON: \(error)") }
        let new = "\(location).\(getpid())"
        let file = try OpenFile(new, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        var failure: HubError?
        bytes.withUnsafeBytes { buffer in
            do { try file.write(buffer, at: 0) } catch { failure = error as? HubError }
        }
        if let failure { throw failure }
        guard fchmod(file.descriptor, 0o600) == 0, rename(new, location) == 0 else { throw SystemFailure.last("cannot write", location) }
    }
}
