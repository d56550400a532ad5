import Catalog
import Core
import Foundation
import GRDB
import Hashing
import TestKit
import Testing

@Suite("rows of Xet")
struct XetRowsTests {
    static func hash(_ text: String) -> [UInt8] { Digest(of: text).bytes }

    static func draft(_ name: String, chunks: Int = 100, pack: String? = nil) -> XorbDraft {
        XorbDraft(
            hash: hash(name), pack: Digest(of: pack ?? "pack \(name)"), list: Digest(of: "list \(name)"), listSize: 50, chunks: chunks, size: 5000,
            queryable: [(hash("chunk of \(name)"), 7)])
    }

    /// Ada has sent the xorb `x`, and a file of hers is made of chunks of it.
    static func filled() async throws -> (test: TestCatalog, ada: Int64, eve: Int64, xorb: XorbFacts) {
        let test = try TestCatalog()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        try await test.write { try $0.addXorb(draft("x"), sender: ada) }
        let xorb = try #require(try test.catalog.read { try $0.xorb(hash("x")) })
        return (test, ada, eve, xorb)
    }

    @Test("a xorb is one row however often it comes; its blobs are its own")
    func xorb() async throws {
        let (test, ada, eve, xorb) = try await Self.filled()
        #expect(xorb.pack == Digest(of: "pack x") && xorb.list == Digest(of: "list x") && xorb.chunks == 100 && xorb.size == 5000)
        test.clock.turn(seconds: 50)
        try await test.write { try $0.addXorb(Self.draft("x"), sender: eve) }
        let again = try #require(try test.catalog.read { try $0.xorb(id: xorb.id) })
        #expect(again.id == xorb.id && again.touched == test.clock.now)
        let rows = try CatalogRows(of: test.path)
        #expect(rows.count("xorb") == 1 && rows.count("xorb_sender") == 2 && rows.count("xet_chunk") == 1 && rows.count("blob") == 2)
        let found = try test.catalog.read { try $0.xorbs(holding: Self.hash("chunk of x"), limit: 5) }
        #expect(found.map(\.place) == [7] && found.map(\.xorb) == [again])
        _ = ada
    }

    @Test("terms and runs come back as they were, at the ends of what they can be")
    func terms() async throws {
        let (test, _, _, xorb) = try await Self.filled()
        let terms = [
            XetTerm(xorb: xorb.id, chunks: 0..<1, size: 1), XetTerm(xorb: xorb.id, chunks: 8191..<8192, size: .max),
            XetTerm(xorb: xorb.id, chunks: 0..<8192, size: 1 << 30)
        ]
        try await test.write { tx in
            let blob = try tx.addBlob(Digest(of: "file"), size: 9, gitID: nil)
            #expect(try tx.addXetFile(Self.hash("file"), blob: blob, terms: terms))
            #expect(try !tx.addXetFile(Self.hash("file"), blob: blob, terms: []))
        }
        let file = try #require(try test.catalog.read { try $0.xetFile(Self.hash("file")) })
        #expect(file.terms == terms && file.digest == Digest(of: "file") && file.size == 9)
        #expect(try test.catalog.read { try $0.xetHash(of: Digest(of: "file")) } == Self.hash("file"))
        #expect(try test.catalog.read { try $0.xetHash(of: Digest(of: "pack x")) } == nil)
    }

    @Test("runs: all for the sender, those of readable files for others, joined; none for strangers")
    func runs() async throws {
        let (test, ada, eve, xorb) = try await Self.filled()
        func runs(_ user: Int64?, seesAll: Bool = false) throws -> [Range<Int>] {
            try test.catalog.read { try $0.runs(of: xorb, user: user, seesAll: seesAll) }
        }
        #expect(try runs(ada) == [0..<100] && runs(nil, seesAll: true) == [0..<100] && runs(eve).isEmpty && runs(nil).isEmpty)
        for (name, isPrivate, chunks) in [("open", false, [5..<10, 10..<12]), ("open2", false, [3..<6, 40..<41]), ("closed", true, [60..<90])] {
            let repo = try await test.repo("ada/\(name)", isPrivate: isPrivate)
            _ = try await test.revision([Drafts.file("f", "file \(name)")], in: repo, seed: name)
            try await test.write { tx in
                let blob = try tx.addBlob(Digest(of: "file \(name)"), size: Int64("file \(name)".utf8.count), gitID: nil)
                _ = try tx.addXetFile(Self.hash("file \(name)"), blob: blob, terms: chunks.map { XetTerm(xorb: xorb.id, chunks: $0, size: 1) })
            }
        }
        #expect(try runs(eve) == [3..<12, 40..<41] && runs(nil) == [3..<12, 40..<41])
    }

    @Test("a pack shared with a file or with another xorb stays as long as one of them")
    func shared() async throws {
        let test = try TestCatalog()
        let ada = try await test.user("ada")
        try await test.write { tx in
            try tx.addXorb(Self.draft("a", pack: "same"), sender: ada)
            try tx.addXorb(Self.draft("b", pack: "same"), sender: ada)
        }
        let b = try #require(try test.catalog.read { try $0.xorb(Self.hash("b")) })
        test.clock.turn(days: 1)
        #expect(try await test.write { try $0.touchXorb(b.id) })
        let now = test.clock.now
        func collect(before: Instant) async throws -> UnreachableRows {
            try await test.write { try $0.removeUnreachable(before: now, xorbsBefore: before, promiseSeconds: 0) }
        }
        let first = try await collect(before: now)
        #expect(first.xorbs == 1 && first.blobs == [Digest(of: "list a")])
        let second = try await collect(before: now.adding(seconds: 1))
        #expect(second.xorbs == 1 && Set(second.blobs) == [Digest(of: "list b"), Digest(of: "same")])
        #expect(try await !test.write { try $0.touchXorb(b.id) })
    }

    @Test("SQLite itself refuses to take what a xorb or a file stands on")
    func constraints() async throws {
        let (test, _, _, xorb) = try await Self.filled()
        try await test.write { tx in
            let blob = try tx.addBlob(Digest(of: "file"), size: 9, gitID: nil)
            _ = try tx.addXetFile(Self.hash("file"), blob: blob, terms: [XetTerm(xorb: xorb.id, chunks: 0..<2, size: 9)])
        }
        for sql in [
            "DELETE FROM blob WHERE id = (SELECT pack FROM xorb)", "DELETE FROM xorb", "INSERT INTO xet_store VALUES (2, 'x', 1)",
            "UPDATE xorb SET chunks = 8193", "UPDATE xorb SET hash = x'00'"
        ] {
            #expect(throws: DatabaseError.self, "\(sql)") { try test.raw { try $0.execute(sql: sql) } }
        }
        try test.raw { try $0.execute(sql: "DELETE FROM blob WHERE id = (SELECT blob FROM xet_file)") }
        let rows = try CatalogRows(of: test.path)
        #expect(rows.count("xet_file") == 0 && rows.count("xorb_use") == 0 && rows.count("xorb") == 1)
    }

    @Test("an epoch is behind all that a copy can have had")
    func epochs() async throws {
        let test = try TestCatalog()
        try await test.write { try $0.beginXetEpoch() }
        #expect(try test.catalog.read { try $0.xetStore() } == nil, "nobody has been told of one")
        #expect(try await test.write { try $0.keepXetStore(fresh: "aa") } == XetStore(name: "aa", epoch: 1))
        #expect(try await test.write { try $0.keepXetStore(fresh: "bb") } == XetStore(name: "aa", epoch: 1))
        try await test.write { try $0.beginXetEpoch() }
        #expect(try test.catalog.read { try $0.xetStore()?.epoch } == test.clock.now.seconds)
        try await test.write { try $0.beginXetEpoch() }
        #expect(try test.catalog.read { try $0.xetStore()?.epoch } == test.clock.now.seconds + 1)
    }

    static let queries: [PlanTests.Query] = [
        .init("a xorb") { rows, _, _ in _ = try rows.xorb(hash("x")) },
        .init("xorbs holding a chunk") { rows, _, _ in _ = try rows.xorbs(holding: hash("chunk of x"), limit: 5) },
        .init("runs of a xorb") { rows, _, _ in
            guard let xorb = try rows.xorb(hash("x")) else { throw HubError(.unknownBlob, "the test has no xorb") }
            _ = try rows.runs(of: xorb, user: 99, seesAll: false)
        },
        .init("a file") { rows, _, _ in _ = try rows.xetFile(hash("f")) },
        .init("the blob of a file") { rows, _, _ in _ = try rows.blob(ofXetFile: hash("f")) },
        .init("the hash of a blob") { rows, _, _ in _ = try rows.xetHash(of: Digest(of: "f")) },
        .init("whether a blob is a xorb's") { rows, _, _ in _ = try rows.holdsXorbs([Digest(of: "f")]) }
    ]

    @Test("reads no table from end to end", arguments: queries)
    func noScan(_ query: PlanTests.Query) async throws {
        let (test, repo, revision) = try await PlanTests.filled()
        let linda = try await test.user("linda")
        try await test.write { try $0.addXorb(Self.draft("x"), sender: linda) }
        let plans = try PlanTests.plans(test) { try query.run($0, repo, revision) }
        #expect(plans.contains { $0.hasPrefix("SEARCH") })
        #expect(PlanTests.scans(in: plans) == [])
    }
}
