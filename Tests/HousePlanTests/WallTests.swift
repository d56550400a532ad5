import Foundation
import Testing

/// The sentences that a broken wall is reported with: file, line, rule.
enum Walls {
    static func brokenImports(in files: [Checkout.SourceFile]) -> [String] {
        files.flatMap { file -> [String] in
            guard let room = FloorPlan.room(of: file.path), FloorPlan.rooms[room] != nil else {
                return ["\(file.path):1: this file belongs to no room of the floor plan; move it, or add its room to the table"]
            }
            let allowed = FloorPlan.allowed(in: room)
            return ImportLine.all(in: file.text).filter { !allowed.contains($0.module) }.map {
                "\(file.path):\($0.line): \(room) may not import \($0.module); move the code, or argue in Docs/decisions. "
                    + "It may see: \(allowed.sorted().joined(separator: ", "))"
            }
        }
    }

    /// Spelt in two pieces, so that this file does not find itself.
    static let forbidden: [(words: String, reason: String)] = [
        ("try" + "!", "a failure becomes a HubError, not a crash"),
        ("TO" + "DO", "finish it or leave it out"),
        ("FIX" + "ME", "fix it")
    ]

    static func forbiddenWords(in files: [Checkout.SourceFile]) -> [String] {
        files.flatMap { file in
            file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { number, line in
                forbidden.filter { line.contains($0.words) }.map { "\(file.path):\(number + 1): '\($0.words)' is not allowed: \($0.reason)" }
            }
        }
    }
}

@Suite("the house is built as planned")
struct WallTests {
    let checkout: Checkout
    let files: [Checkout.SourceFile]

    init() throws {
        checkout = try Checkout()
        files = try checkout.swiftFiles(under: ["Sources", "Migrations"])
    }

    @Test("no file imports what its room may not see")
    func imports() {
        #expect(!files.isEmpty)
        for sentence in Walls.brokenImports(in: files) { Issue.record("\(sentence)") }
    }

    @Test("every folder under Sources is a room of the plan, and every room has its folder")
    func rooms() throws {
        var found: Set<String> = checkout.exists("Migrations") ? ["Migrations"] : []
        for folder in try checkout.folders(in: "Sources") where folder != FloorPlan.systemFolder {
            found.formUnion(FloorPlan.groups.contains(folder) ? try checkout.folders(in: "Sources/\(folder)") : [folder])
        }
        for room in found.subtracting(FloorPlan.rooms.keys).sorted() {
            Issue.record("Sources has a folder \(room), but the floor plan has no such room; add it with what it may see")
        }
        for room in Set(FloorPlan.rooms.keys).subtracting(found).sorted() {
            Issue.record("the floor plan has a room \(room), but there is no such folder; take it out")
        }
    }

    @Test("the table and Package.swift name the same rooms")
    func manifest() throws {
        let manifest = try String(contentsOf: checkout.root.appending(path: "Package.swift"), encoding: .utf8)
        for room in FloorPlan.rooms.keys.sorted() where !manifest.contains("\"\(room)\"") {
            Issue.record("Package.swift has no target \(room)")
        }
        for match in manifest.matches(of: /room\(\s*"(\w+)"/) where FloorPlan.rooms[String(match.1)] == nil {
            Issue.record("Package.swift has a room \(match.1) that the floor plan does not know")
        }
    }

    @Test("every room the table lets in is itself below, never above")
    func noCircles() {
        var settled: Set<String> = []
        while let next = FloorPlan.rooms.keys.sorted().first(where: { room in
            !settled.contains(room) && FloorPlan.rooms[room]!.filter { FloorPlan.rooms[$0] != nil }.isSubset(of: settled)
        }) { settled.insert(next) }
        #expect(settled == Set(FloorPlan.rooms.keys), "these rooms see one another in a circle")
    }

    @Test("dialects are strangers: none sees another")
    func dialects() throws {
        let dialects = Set(try checkout.folders(in: "Sources/Dialects"))
        for dialect in dialects.sorted() {
            let seen = FloorPlan.rooms[dialect, default: []].intersection(dialects)
            #expect(seen.isEmpty, "\(dialect) may not see \(seen.sorted().joined(separator: ", "))")
        }
    }

    @Test("every dialect says in a README what it speaks")
    func readmes() throws {
        for dialect in try checkout.folders(in: "Sources/Dialects") where !checkout.exists("Sources/Dialects/\(dialect)/README.md") {
            Issue.record("Sources/Dialects/\(dialect) has no README.md: write which clients and versions it serves, and from which documents")
        }
    }

    @Test("nothing is left half done")
    func halfDone() {
        for sentence in Walls.forbiddenWords(in: files) { Issue.record("\(sentence)") }
    }
}

@Suite("the wall tests see a broken wall")
struct BrokenWallTests {
    @Test(
        "an import that the plan forbids is named with file, line and rule",
        arguments: [
            ("Sources/Core/A.swift", "import Foundation"), ("Sources/Hub/A.swift", "private import FoundationEssentials"),
            ("Sources/Formats/GitObjects/A.swift", "import struct Foundation.Data"), ("Sources/Dialects/Native/A.swift", "package import Catalog"),
            ("Sources/Hub/Deep/er/A.swift", "@preconcurrency import GRDB"), ("Migrations/A.swift", "import Core"),
            ("Sources/Core/A.swift", "import Glibc")
        ])
    func broken(path: String, line: String) {
        let found = Walls.brokenImports(in: [.init(path: path, text: "// a file\n\(line)\n")])
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("\(path):2: ") == true)
        #expect(found.first?.contains("may not import") == true)
    }

    @Test(
        "what the plan allows passes",
        arguments: [
            ("Sources/Blobs/A.swift", "package import Core\nimport Synchronization\nimport Glibc"), ("Sources/API/A.swift", "import Foundation"),
            ("Sources/Dialects/Native/A.swift", "import Hub\nimport FoundationEssentials"), ("Sources/Core/A.swift", "// import Foundation")
        ])
    func whole(path: String, text: String) { #expect(Walls.brokenImports(in: [.init(path: path, text: text)]) == []) }

    @Test(
        "a file outside every room is found",
        arguments: ["Sources/A.swift", "Sources/Attic/A.swift", "Sources/Formats/A.swift", "Sources/System/A.swift"])
    func homeless(path: String) { #expect(Walls.brokenImports(in: [.init(path: path, text: "")]).count == 1) }

    @Test("half-done work is found")
    func words() {
        let found = Walls.forbiddenWords(in: [.init(path: "Sources/Core/A.swift", text: "let a = 1\n// TO" + "DO later\nlet b = try" + "! f()")])
        #expect(found.map { $0.split(separator: ":")[1] } == ["2", "3"])
    }
}

@Suite("import lines are read in every form")
struct ImportLineTests {
    @Test(
        "the module is found",
        arguments: [
            ("import A", ["A"]), ("  import A", ["A"]), ("package import A", ["A"]), ("private import A", ["A"]), ("public import A", ["A"]),
            ("internal import A", ["A"]), ("fileprivate import A", ["A"]), ("import struct A.B", ["A"]), ("import func A.b", ["A"]),
            ("package import enum A.B.C", ["A"]), ("@preconcurrency import A", ["A"]), ("@_exported @testable import A", ["A"]),
            ("@_spi(Inside) private import A", ["A"]), ("@preconcurrency package import class A.B", ["A"]), ("import A.Sub", ["A"]),
            ("import A // why", ["A"]), ("/* x */ import A", ["A"]), ("import A; import B", ["A", "B"]), ("import\tA", ["A"]),
            ("import `A`", ["A"]), ("import A\r\nimport B", ["A", "B"]), ("#if canImport(Glibc)\n    import Glibc\n#endif", ["Glibc"]),
            ("// import A", []), ("/*\nimport A\n*/\nimport B", ["B"]), ("important()", []), ("let import1 = 2", []), ("/// import A", []),
            ("importA", []), ("import", []), ("#if canImport(A)", []), ("@preconcurrency\nimport A", ["A"])
        ])
    func modules(source: String, modules: [String]) { #expect(ImportLine.all(in: source).map(\.module) == modules) }

    @Test("and its line")
    func lines() { #expect(ImportLine.all(in: "import A\n\n// x\nimport B").map(\.line) == [1, 4]) }
}
