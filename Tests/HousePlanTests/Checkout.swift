import Foundation

/// The files of this checkout, found from where this file stands.
struct Checkout {
    let root: URL

    init(from file: String = #filePath) throws {
        // Resolved, so that a build from elsewhere through links finds the same checkout.
        var folder = URL(filePath: file).resolvingSymlinksInPath()
        repeat {
            folder = folder.deletingLastPathComponent()
            guard folder.path.count > 1 else { throw NotFound() }
        } while !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path)
        root = folder
    }

    struct NotFound: Error, CustomStringConvertible {
        let description = "no Package.swift above this test; HousePlanTests reads the checkout it was built from"
    }

    struct SourceFile {
        /// From the root of the checkout, such as `Sources/Core/Digest.swift`.
        let path: String
        let text: String
    }

    func swiftFiles(under folders: [String]) throws -> [SourceFile] {
        try folders.flatMap { folder in
            try paths(under: folder).filter { $0.hasSuffix(".swift") }.map {
                SourceFile(path: $0, text: try String(contentsOf: root.appending(path: $0), encoding: .utf8))
            }
        }
    }

    func paths(under folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path).sorted().map { "\(folder)/\($0)" }
    }

    func folders(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(at: root.appending(path: folder), includingPropertiesForKeys: [.isDirectoryKey])
            .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }.map(\.lastPathComponent).sorted()
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appending(path: path).path) }
}
