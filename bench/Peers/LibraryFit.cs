using System.Buffers.Binary;
using System.Text;

namespace OrtAdaMomentum.Bench.Peers;

/// <summary>
/// Makes TorchSharp's native library load where the C++ runtime is older than the one that it was built with, as on Debian 12. The only
/// thing it wants of the newer version is the function that sets up the standard streams, and every version has another one that does: the
/// constructor of <c>std::ios_base::Init</c>, which looks at no argument. Its shorter name is written over that of the missing function,
/// and the want of the newer version is marked as one that may go unmet.
/// </summary>
internal static class LibraryFit
{
    private const string Missing = "_ZSt21ios_base_library_initv", Replacement = "_ZNSt8ios_base4InitC1Ev", Version = "GLIBCXX_3.4.32";
    private const int SymbolTable = 11, Versions = 0x6FFFFFFF, NeededVersions = 0x6FFFFFFE;
    private const int SymbolLength = 24, HeaderLength = 64;
    private const ushort Global = 1, Weak = 2;

    /// <summary>Changes a 64-bit little-endian library in place.</summary>
    /// <returns>Whether it wanted the function.</returns>
    public static bool Apply(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Missing + '\0')) < 0 || !file.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
            return false;
        var symbols = Section(file, SymbolTable);
        int names = Offset(file, symbols.Link);
        bool found = false;
        for (int index = 0; index < symbols.Length / SymbolLength; index++)
        {
            int name = names + (int)Word(file, symbols.Offset + (index * SymbolLength));
            if (TextAt(file, name) != Missing)
                continue;
            file.AsSpan(name, Missing.Length).Clear();
            Encoding.ASCII.GetBytes(Replacement).CopyTo(file, name);
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Section(file, Versions).Offset + (2 * index)), Global);
            found = true;
            break;
        }

        MarkWeak(file, Section(file, NeededVersions).Offset, names);
        if (found)
            File.WriteAllBytes(path, file);
        return found;
    }

    private static void MarkWeak(byte[] file, int entry, int names)
    {
        uint next;
        do
        {
            int version = entry + (int)Word(file, entry + 8);
            for (int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(entry + 2)); count > 0; count--)
            {
                if (TextAt(file, names + (int)Word(file, version + 8)) == Version)
                    BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(version + 4), Weak);
                version += (int)Word(file, version + 12);
            }

            next = Word(file, entry + 12);
            entry += (int)next;
        }
        while (next != 0);
    }

    private static (int Offset, int Length, int Link) Section(byte[] file, uint type)
    {
        for (int index = 0; index < BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(60)); index++)
        {
            int header = Header(file, index);
            if (Word(file, header + 4) == type)
                return (Offset(file, index), (int)Word(file, header + 32), (int)Word(file, header + 40));
        }

        throw new InvalidDataException($"The library has no section of type {type:X}.");
    }

    private static int Header(byte[] file, int section) => checked((int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(40))) + (section * HeaderLength);

    private static int Offset(byte[] file, int section) => checked((int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(Header(file, section) + 24)));

    private static uint Word(byte[] file, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(offset));

    private static string TextAt(byte[] file, int offset) => Encoding.ASCII.GetString(file, offset, Array.IndexOf(file, (byte)0, offset) - offset);
}
