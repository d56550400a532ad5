import Core
import Foundation
import TestKit
import Testing

@Suite("hexadecimal digits, digests, ids")
struct DigestTests {
    @Test("encodes and decodes every byte")
    func everyByte() {
        let all = (0...255).map { UInt8($0) }
        #expect(Hex.decode(Hex.encode(all)) == all)
        #expect(Hex.encode([0x00, 0x0F, 0xA5, 0xFF]) == "000fa5ff")
        #expect(Hex.decode("00ABcdEF") == [0x00, 0xAB, 0xCD, 0xEF])
        #expect(Hex.decode("") == [])
        #expect(Hex.encode([]) == "")
    }

    @Test("is not hexadecimal", arguments: ["0", "000", "0g", " 00", "0x00", "é", "00\n"])
    func notHex(_ text: String) { #expect(Hex.decode(text) == nil) }

    static let hex = String(repeating: "0123456789abcdef", count: 4)

    @Test("a digest is 64 lowercase digits, with or without its prefix")
    func digest() throws {
        let digest = try Digest(parsing: Self.hex)
        #expect(try Digest(parsing: "sha256:" + Self.hex) == digest)
        #expect(digest.description == "sha256:" + Self.hex)
        #expect(Digest(bytes: digest.bytes) == digest)
        #expect(try Digest(parsing: Self.hex.dropLast() + "e") < digest)
    }

    @Test(
        "refuses what is not a digest",
        arguments: [
            "", "sha256:", "sha256", hex + "0", String(hex.dropLast()), hex.uppercased(), "SHA256:" + hex, "sha512:" + hex, "sha256:sha256:" + hex,
            String(hex.dropLast()) + "g", " " + hex, String(hex.dropLast(2)) + "é"
        ])
    func refusesDigest(_ text: String) {
        #expect(#expect(throws: HubError.self) { try Digest(parsing: text) }?.code == .invalidDigest)
    }

    @Test("a git id is 40 lowercase digits")
    func gitID() throws {
        let text = String(Self.hex.prefix(40))
        let id = try GitID(parsing: text)
        #expect(id.description == text)
        #expect(GitID(bytes: id.bytes) == id)
        for bad in ["", text.uppercased(), text + "0", String(text.dropLast()), "main", String(text.dropLast()) + "g"] {
            #expect(#expect(throws: HubError.self) { try GitID(parsing: bad) }?.code == .unknownRevision)
        }
    }

    @Test("an upload id is 32 lowercase digits")
    func uploadID() throws {
        let text = String(Self.hex.prefix(32))
        #expect(try UploadID(parsing: text).text == text)
        for bad in ["", text.uppercased(), text + "0", "../" + text.dropFirst(3)] {
            #expect(#expect(throws: HubError.self) { try UploadID(parsing: bad) }?.code == .unknownUpload)
        }
    }
}

@Suite("moments")
struct InstantTests {
    static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    @Test(
        "are written as in RFC 3339",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-2_203_891_200_001, "1900-02-28T23:59:59.999Z"), (1_777_800_600_000, "2026-05-03T09:30:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z")
        ])
    func table(milliseconds: Int64, text: String) { #expect(Instant(milliseconds: milliseconds).description == text) }

    @Test("agree with Foundation, before 1970 and in leap years")
    func random() {
        var chance = Chance(seed: 6)
        // From 1600 on: before 1582 Foundation counts days in the Julian calendar.
        for _ in 0..<5000 {
            let seconds = Int64(chance.number(-11_676_096_000...32_503_680_000))
            let milliseconds = seconds * 1000 + Int64(chance.number(0...999))
            // Half a millisecond more, because Foundation cuts what a Double has rounded.
            let date = Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1000)
            #expect(Instant(milliseconds: milliseconds).description == date.formatted(Self.style))
            #expect(Instant(milliseconds: milliseconds).seconds == seconds)
        }
    }

    @Test("seconds are rounded down, additions are exact")
    func arithmetic() {
        #expect([-1001, -1000, -999, -1, 0, 1, 999, 1000].map { Instant(milliseconds: $0).seconds } == [-2, -1, -1, -1, 0, 0, 0, 1])
        #expect(Instant(milliseconds: 5).adding(seconds: -1) == Instant(milliseconds: -995))
        #expect(Instant(milliseconds: -1) < Instant(milliseconds: 0))
    }
}

@Suite("manifests")
struct ManifestTests {
    static func entry(_ path: String, _ size: Int64, executable: Bool = false) throws -> FileEntry {
        FileEntry(
            path: try FilePath(parsing: path), size: size, digest: Digest(bytes: [UInt8](repeating: UInt8(size), count: 32)),
            isExecutable: executable, storage: .regular, gitID: GitID(bytes: [UInt8](repeating: 0, count: 20)))
    }

    @Test("are one text, whatever the order of the files")
    func text() throws {
        let files = [try Self.entry("b", 1), try Self.entry("a/x", 2, executable: true), try Self.entry("a.b", 3), try Self.entry("é e", 0)]
        let expected = """
            grayling manifest 1
            \(String(repeating: "03", count: 32)) 3  a.b
            \(String(repeating: "02", count: 32)) 2 *a/x
            \(String(repeating: "01", count: 32)) 1  b
            \(String(repeating: "00", count: 32)) 0  é e

            """
        for _ in 0..<20 { #expect(Manifest(files: files.shuffled()).text == expected) }
        #expect(Manifest(files: files).totalSize == 6)
        #expect(Manifest(files: []).text == "grayling manifest 1\n")
    }

    @Test("sort two Unicode spellings by their bytes")
    func unicode() throws {
        let files = [try Self.entry("\u{e9}", 1), try Self.entry("e\u{301}", 2)]
        #expect(Array(Manifest(files: files).text.utf8) == Array(Manifest(files: files.reversed()).text.utf8))
    }
}

@Suite("the detail of an event")
struct EventDetailTests {
    @Test(
        "comes back as it was, whatever it holds",
        arguments: ["", "plain", "a\nb", "\r", "\r\n", "a=b", "\\n", "\\e=", "é\u{301}", "\u{301}", "\n\r=\\"])
    func reversible(_ text: String) {
        for detail in [["key": text], ["a": text, "b": text], [text + "k": "v"]] {
            #expect(EventDetail.decode(EventDetail.encode(detail)) == detail)
        }
    }
}
