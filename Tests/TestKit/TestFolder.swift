import Foundation

/// A folder that is gone when the test is.
package final class TestFolder: Sendable {
    package let path: String

    package init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("grayling-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package struct NotCopied: Error, CustomStringConvertible { package let description: String }

    /// A copy of `source` as it stands at this moment, like the disk after a power cut. Times are
    /// copied too: they say how old a blob is, and `FileManager` does not keep them.
    package init(copyOf source: String) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("grayling-\(UUID().uuidString)").path
        let copy = Process()
        copy.executableURL = URL(filePath: "/usr/bin/env")
        copy.arguments = ["cp", "-a", source, path]
        try copy.run()
        copy.waitUntilExit()
        guard copy.terminationStatus == 0 else { throw NotCopied(description: "cp -a \(source) ended with \(copy.terminationStatus)") }
    }

    package func file(_ name: String) -> String { path + "/" + name }
}
