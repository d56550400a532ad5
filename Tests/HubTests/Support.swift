import Core
import Foundation

extension RefName {
    static func named(_ text: String) throws -> RefName { try RefName(parsing: text) }
}

extension RevisionSpec {
    static func at(_ text: String) throws -> RevisionSpec { try RevisionSpec(parsing: text) }
}

/// The real `git` as judge, in a folder of its own that goes away with it.
final class Git {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "grayling-git-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try run("init", "--quiet", "--initial-branch=main")
        try run("lfs", "install", "--local")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    struct Failure: Error, CustomStringConvertible { let description: String }

    static let isHere = find("git") && find("git-lfs")
    private static func find(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    func write(_ bytes: [UInt8], to path: String, isExecutable: Bool = false) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        if isExecutable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path) }
    }

    /// What git prints, without the last newline. The settings of whoever runs the tests do not count.
    @discardableResult
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path, "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ATTR_NOSYSTEM": "1"
        ].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "git \(arguments.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Commits everything in the folder as this person at this second; the ids of commit and tree.
    func commit(_ message: String, name: String, email: String, seconds: Int64) throws -> (commit: String, tree: String) {
        try run("add", "--all", "--force", ".")
        let who = [
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": "@\(seconds) +0000", "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": email, "GIT_COMMITTER_DATE": "@\(seconds) +0000"
        ]
        try run("commit", "--quiet", "--cleanup=verbatim", "--message", message, environment: who)
        return (try run("rev-parse", "HEAD"), try run("rev-parse", "HEAD^{tree}"))
    }
}
