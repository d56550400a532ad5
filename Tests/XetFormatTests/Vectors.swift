import Core
import Foundation
import TestKit
import Testing
import XetFormat

/// The text files beside the tests: lines of words, `#` begins a comment.
enum Vectors {
    static func lines(_ name: String) throws -> [[String]] {
        guard let url = Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Vectors") else {
            throw HubError(.unknownFile, "there is no Vectors/\(name).txt")
        }
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: " ").map(String.init) }
    }

    /// A file as the public client uploaded it.
    struct File: Sendable, CustomTestStringConvertible {
        var name = ""
        var bytes: [UInt8] = []
        var chunks: [XetChunk] = []
        var facts: [String: String] = [:]
        var terms: [ShardTerm] = []
        var testDescription: String { name }

        func hash(_ fact: String) throws -> XetHash { try XetHash(parsing: facts[fact, default: ""]) }
        func hex(_ fact: String) -> [UInt8]? { facts[fact].flatMap { Hex.decode($0) } }
    }

    static let files: [File] = {
        do {
            var files: [File] = []
            for words in try lines("files") {
                switch words[0] {
                case "case": files.append(File(name: words[1], bytes: content(words[2], Int(words[3]) ?? 0)))
                case "chunk":
                    files[files.count - 1].chunks.append(XetChunk(hash: try XetHash(parsing: words[2]), length: Int(words[1]) ?? 0))
                case "term":
                    files[files.count - 1].terms.append(
                        ShardTerm(
                            xorb: try XetHash(parsing: words[1]), rawLength: UInt32(words[2]) ?? 0,
                            chunks: (Int(words[3]) ?? 0)..<(Int(words[4]) ?? 0)))
                default: files[files.count - 1].facts[words[0]] = words[1]
                }
            }
            return files
        } catch {
            fatalError("Vectors/files.txt: \(error)")
        }
    }()

    static func content(_ kind: String, _ count: Int) -> [UInt8] {
        switch kind {
        case "zeros": [UInt8](repeating: 0, count: count)
        case "abcd": (0..<count).map { 0x61 + UInt8($0 % 4) }
        default: random(1, count)
        }
    }

    /// splitmix64, each word as eight little-endian bytes.
    static func random(_ seed: Int, _ count: Int) -> [UInt8] {
        var chance = Chance(seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: chance.next().littleEndian) { bytes.append(contentsOf: $0) } }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}

/// Passes `bytes` on in pieces of the given sizes, in turn.
func pieces(_ bytes: [UInt8], _ sizes: [Int], _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try bytes.withUnsafeBytes { all in
        var (at, turn) = (0, 0)
        while at < all.count {
            let end = min(all.count, at + sizes[turn % sizes.count])
            try body(UnsafeRawBufferPointer(rebasing: all[at..<end]))
            (at, turn) = (end, turn + 1)
        }
    }
}
