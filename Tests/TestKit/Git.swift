package import Foundation

/// The real `git` as judge, in a repo of its own that goes away with it.
package final class Git {
    package let folder: URL

    package init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "grayling-git-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try run("init", "--quiet", "--initial-branch=main")
        // A name that Windows could not hold is still a name.
        try run("config", "core.protectNTFS", "false")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package func write(_ bytes: [UInt8], to path: String, executable: Bool = false) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path) }
    }

    /// What git prints. The settings of whoever runs the tests do not count.
    @discardableResult
    package func run(_ arguments: String..., input: [UInt8] = [], environment: [String: String] = [:]) throws -> [UInt8] {
        try run(arguments, input: input, environment: environment)
    }

    @discardableResult
    private func run(_ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path, "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ATTR_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_AUTHOR_DATE": "@1000000000 +0000",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org", "GIT_COMMITTER_DATE": "@1000000000 +0000"
        ].merging(environment) { $1 }
        // A file, not a pipe: both sides could wait for one another over a long input.
        let inputFile = folder.appending(path: ".git/judge-input-\(UUID().uuidString)")
        if input.isEmpty {
            process.standardInput = FileHandle.nullDevice
        } else {
            try Data(input).write(to: inputFile)
            process.standardInput = try FileHandle(forReadingFrom: inputFile)
        }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        if !input.isEmpty { try FileManager.default.removeItem(at: inputFile) }
        guard process.terminationStatus == 0 else {
            throw Failure(description: "git \(arguments.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
        return Array(data)
    }

    /// What git prints, as text without its last newline.
    package func text(_ arguments: String..., environment: [String: String] = [:]) throws -> String {
        line(try run(arguments, environment: environment))
    }

    /// Commits everything in the folder as this person at this second; the ids of commit and tree.
    package func commit(_ message: String, name: String, email: String, seconds: Int64) throws -> (commit: String, tree: String) {
        try run("lfs", "install", "--local")
        try run("add", "--all", "--force", ".")
        let who = [
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": "@\(seconds) +0000", "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": email, "GIT_COMMITTER_DATE": "@\(seconds) +0000"
        ]
        try run("commit", "--quiet", "--cleanup=verbatim", "--message", message, environment: who)
        return (try text("rev-parse", "HEAD"), try text("rev-parse", "HEAD^{tree}"))
    }

    package static let isHere = find("git") && find("git-lfs")
    private static func find(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    package func line(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines) }
}
